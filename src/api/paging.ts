import type { mongo } from 'mongoose';
import { z } from 'zod';
import { native } from '../db/native.js';
import { type RetryScope, withRetry } from '../db/retry.js';
import { blankIsAbsent } from './forgiving.js';

const number = (most: number, byDefault: number) =>
  blankIsAbsent(wholeNumber(most)).transform((value) => value ?? byDefault);

const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(
      z
        .int()
        .min(1, { error: 'must be at least 1' })
        .max(most, { error: `must be at most ${most}` }),
    );

/** The query parameters of a list: `page` from 1 on, `limit` entries a page. */
export const paging = { page: number(1_000_000, 1), limit: number(100, 10) };

interface Page {
  readonly page: number;
  readonly limit: number;
}

interface PageOf<T> {
  readonly entries: mongo.WithId<T>[];
  readonly pagination: Page & { readonly total: number; readonly pages: number };
}

/**
 * One page of what the filter matches. `sort` has to end with `_id`: where two entries are
 * equal in all that is sorted by, they could change places between two pages.
 * @throws AppError MONGODB_*
 */
export async function findPage<T extends mongo.Document>(
  model: Parameters<typeof native<T>>[0],
  filter: mongo.Filter<T>,
  sort: { readonly [field: string]: 1 | -1; readonly _id: 1 | -1 },
  { page, limit }: Page,
  scope: RetryScope,
): Promise<PageOf<T>> {
  const collection = native(model);
  const skip = (page - 1) * limit;
  const [total, entries] = await Promise.all([
    withRetry(() => collection.countDocuments(filter), scope),
    withRetry(() => collection.find(filter).sort(sort).skip(skip).limit(limit).toArray(), scope),
  ]);
  return { entries, pagination: { total, page, limit, pages: Math.ceil(total / limit) } };
}
