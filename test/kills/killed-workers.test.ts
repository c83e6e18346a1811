import { it } from 'vitest';
import { KILLS, prepareKills, timeout } from './kills.js';

const { runs } = await prepareKills();

it(
  'a run whose workers are killed at random moments ends as one that was left alone',
  {
    timeout,
  },
  () => runs(KILLS, { kinds: ['full', 'rebuild', 'incremental'] }),
);
