import { Types } from 'mongoose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { type Cursor, type FoundPage, LONGEST_TIME, type PageRequest } from '../store/pages.js';
import { instant } from './fields.js';
import { blankIsAbsent } from './forgiving.js';

/** A number in the URL. */
export const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(
      z
        .int()
        .min(1, { error: 'must be at least 1' })
        .max(most, { error: `must be at most ${most}` }),
    )
    // Of the text in the URL, published as the number that it is.
    .meta({ type: 'integer', pattern: undefined, minimum: 1, maximum: most });

/** A cursor's text: the time, marked where it is not a date, and the id. */
const PLACE = new RegExp(`^(?:(-?\\d{1,15}|)|([ns].{0,${LONGEST_TIME}}))\\|([0-9a-f]{24})$`, 'su');

const cursor = z
  .string()
  .max(600)
  .transform((text, context): Cursor => {
    const plain = Buffer.from(text, 'base64url').toString('utf8');
    const [, ms, earlier, id] = PLACE.exec(plain) ?? [];
    const at = ms === undefined ? earlierTime(earlier) : ms === '' ? null : new Date(Number(ms));
    if (at !== undefined && id !== undefined) return { at, id: new Types.ObjectId(id) };
    context.addIssue({ code: 'custom', message: 'must be the nextCursor of an answer' });
    return z.NEVER;
  });

function earlierTime(text = ''): string | number | undefined {
  if (text.startsWith('s')) return text.slice(1);
  const number = text.startsWith('n') ? Number(text.slice(1)) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function textOf({ at, id }: Cursor): string {
  return Buffer.from(`${placeOf(at)}|${id}`).toString('base64url');
}

function placeOf(at: Cursor['at']): string {
  if (at instanceof Date) return String(at.getTime());
  if (at === null) return '';
  return typeof at === 'string' ? `s${at}` : `n${at}`;
}

/**
 * The query parameters of a list: `limit` entries per page, and which page: by its number from 1
 * on, or by the `nextCursor` of the page before.
 */
export const paging = {
  page: blankIsAbsent(wholeNumber(1_000_000)),
  limit: blankIsAbsent(wholeNumber(100)).transform((limit = 10) => limit),
  cursor: blankIsAbsent(cursor),
};

/** Two more, for lists by time: from this time on, and before that one. */
export const period = { from: blankIsAbsent(instant), to: blankIsAbsent(instant) };

/** @throws VALIDATION_FAILED where both a page and a cursor are asked for */
export function refuseTwoPages({ page, cursor: after }: PageRequest): void {
  if (!after || page === undefined) return;
  throw new AppError('VALIDATION_FAILED', 'Check these fields: cursor.', {
    details: [{ field: 'cursor', message: 'give page or cursor, not both' }],
  });
}

/**
 * Where the page is in its list. `totalIsAtLeast`: there are more than `total`. `page` is null
 * where the page was asked for by a cursor, `nextCursor` where it is the last one.
 */
export function paginationOf(
  { page = 1, limit, cursor: after }: PageRequest,
  { total, totalIsAtLeast, next }: Omit<FoundPage<object>, 'entries'>,
) {
  return {
    total,
    ...(totalIsAtLeast && { totalIsAtLeast }),
    page: after ? null : page,
    limit,
    pages: Math.ceil(total / limit),
    nextCursor: next && textOf(next),
  };
}
