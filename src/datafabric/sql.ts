import { AppError } from '../errors/app-error.js';

// Every value and name in a statement is quoted by this file; no other file writes quotes.

/**
 * A value as an SQL text literal: quotes are doubled. NUL is refused, since a character that ends a
 * text for one layer and not for the next allows SQL injection; so are the backslash, which escapes
 * in some SQL dialects (Compass does not say) and which no key, warehouse or date contains, and an
 * unpaired surrogate, which encoding would change.
 * @throws AppError VALIDATION_FAILED
 */
export function quoteText(value: string): string {
  if (/[\0\\]/.test(value) || !value.isWellFormed()) {
    throw new AppError('VALIDATION_FAILED', undefined, {
      details: [
        { message: 'A value for a query contains NUL, a backslash or an unpaired surrogate.' },
      ],
    });
  }
  return `'${value.replaceAll("'", "''")}'`;
}

/**
 * The name of a column or object as a quoted identifier.
 * @throws AppError VALIDATION_FAILED if it is not a plain name
 */
export function quoteName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_$]*$/.test(name)) {
    throw new AppError('VALIDATION_FAILED', undefined, {
      details: [{ message: 'The name of a column or object cannot be used in a query.' }],
    });
  }
  return `"${name}"`;
}

/**
 * An instant as the lake writes and compares it: `'2025-01-31T23:59:59.999Z'`.
 * @throws RangeError for an invalid date or a year that does not have four digits
 */
export function timestampLiteral(instant: Date): string {
  const text = instant.toISOString();
  if (text.length !== 24) throw new RangeError('The year of a timestamp must have four digits.');
  return quoteText(text);
}

const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * The literal for a ceiling: one millisecond later, because the lake may keep microseconds, which
 * a Date has not, and the row at the ceiling must be included.
 */
export function ceilingLiteral(ceiling: Date): string {
  return timestampLiteral(new Date(Math.min(ceiling.getTime() + 1, LAST_INSTANT)));
}

/**
 * An integer as a literal, e.g. `'4711'`.
 * @throws AppError VALIDATION_FAILED if it is not an integer, or a number that may have been
 *   rounded
 */
export function integerLiteral(value: bigint | number | string): string {
  const safe = typeof value !== 'number' || Number.isSafeInteger(value);
  if (!safe || !/^-?\d+$/.test(String(value))) {
    throw new AppError('VALIDATION_FAILED', undefined, {
      details: [{ message: 'A bound of a query is not an integer.' }],
    });
  }
  return quoteText(String(value));
}
