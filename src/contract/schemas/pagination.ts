import { z } from 'zod';
import type { paginationOf } from '../../api/paging.js';
import type { Shape } from '../shape.js';
import { count } from './fields.js';

export const pagination = z
  .strictObject({
    total: count.describe('Exact up to 10,000; beyond that see totalIsAtLeast'),
    totalIsAtLeast: z.literal(true).optional().describe('There are more entries than `total`'),
    page: z.int().min(1).nullable().describe('null where the page was asked for by a cursor'),
    limit: z.int().min(1),
    pages: count,
    nextCursor: z.string().nullable().describe('null on the last page'),
  } satisfies Shape<ReturnType<typeof paginationOf>>)
  .meta({ id: 'Pagination' });
