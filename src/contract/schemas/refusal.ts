import { z } from 'zod';
import type { refusalsView } from '../../api/refused-starts.js';
import type { Shape } from '../shape.js';
import { givenErrorFields } from './error.js';
import { count, id, time } from './fields.js';

type Shown = Omit<ReturnType<typeof refusalsView>[number], 'errorCode'>;

/** Why no run of a table can be started. */
export const refusal = z
  .strictObject({
    ...({
      historyId: id,
      since: time,
      lastTime: time,
      count,
    } satisfies Shape<Omit<Shown, keyof typeof givenErrorFields>>),
    ...givenErrorFields,
  })
  .meta({ id: 'Refusal' });
