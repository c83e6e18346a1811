import { z } from 'zod';
import { AppError } from '../errors/app-error.js';

/** Read by what makes the published document: these forms are accepted, too. */
export const ACCEPTS_BLANK = 'x-accepts-blank';
export const ACCEPTS_DIGITS = 'x-accepts-digits';

/** What frontends send for a field that is not filled in. */
function isBlank(value: unknown): boolean {
  return value === null || value === '';
}

/** A field that counts as left out where it is null or empty. */
export function blankIsAbsent<T extends z.ZodType>(schema: T) {
  return z
    .preprocess((value) => (isBlank(value) ? undefined : value), schema.optional())
    .meta({ [ACCEPTS_BLANK]: true });
}

/**
 * An object whose blank fields count as left out.
 * @param meant fields of which the empty text is a value
 */
export function withoutBlanks<T extends z.ZodType>(schema: T, meant: readonly string[] = []) {
  const isLeftOut = ([name, value]: [string, unknown]) =>
    value === null || (value === '' && !meant.includes(name));
  return z
    .preprocess((value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).filter((entry) => !isLeftOut(entry)));
    }, schema)
    .meta({ [ACCEPTS_BLANK]: { except: meant } });
}

/** A number that may come as its digits. */
export function digitsToo<T extends z.ZodType>(schema: T) {
  return z
    .preprocess(
      (value) =>
        typeof value === 'string' && /^\d{1,15}(\.\d{1,6})?$/.test(value.trim())
          ? Number(value)
          : value,
      schema,
    )
    .meta({ [ACCEPTS_DIGITS]: true });
}

interface NamesTable {
  readonly tableId?: string | undefined;
}

/**
 * The table that a request is about: in its body or in its query.
 * @throws VALIDATION_FAILED where none is named, or two
 */
export function tableNamed(body: NamesTable, query: NamesTable): string {
  const named = body.tableId ?? query.tableId;
  const isTwo = query.tableId !== undefined && query.tableId !== named;
  if (named !== undefined && !isTwo) return named;
  const message = isTwo ? 'is another one in the query' : 'must be the id of a table';
  throw new AppError('VALIDATION_FAILED', 'Check these fields: tableId.', {
    details: [{ field: 'tableId', message }],
  });
}
