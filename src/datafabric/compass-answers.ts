import { z } from 'zod';
import { AppError, type ErrorDetail } from '../errors/app-error.js';
import { parsedBody } from '../ion/body-text.js';
import type { HttpAnswer } from '../ion/http.js';
import { kindOfDatatype, type ListedKind } from '../tables/column-kinds.js';
import { foldedName } from '../tables/column-name.js';
import type { Row } from './rows.js';

/** The state of a query. All states but `running` are final. */
export type QueryStatus =
  | { readonly state: 'running' }
  | {
      readonly state: 'finished';
      /** Absent if the answer lists none: then the columns are unknown. */
      readonly columns?: readonly string[];
      /** The kinds by the types in the same list; columns without a known type are left out. */
      readonly kinds?: readonly ListedKind[];
      /** Row count of the result, if the answer has one; Infor does not document it. */
      readonly rows?: number;
    }
  | { readonly state: 'failed' }
  | { readonly state: 'canceled' };

/** Infor's ids are UUIDs. The id is stored in the job and is part of the path of each further call. */
const LONGEST_ID = 500;
const submitted = z.object({ queryId: z.string().min(1).max(LONGEST_ID) });
const totals = { rowCount: z.unknown().optional(), recordCount: z.unknown().optional() };
const statusBody = z.object({
  status: z.string(),
  columns: z
    .array(z.object({ name: z.string(), datatype: z.unknown().optional() }))
    .optional()
    .catch(undefined),
  ...totals,
  queryDetails: z.object(totals).optional().catch(undefined),
});

/** The id in the answer to a submitted query. @throws AppError LAKE_BAD_ANSWER */
export function readQueryId({ body }: HttpAnswer): string {
  const { data } = submitted.safeParse(parsedBody(body));
  if (!data) throw badAnswer('The answer to a submitted query has no queryId.');
  return data.queryId;
}

/**
 * The state in the answer to a status call. The status in the body decides, not the HTTP status,
 * which is 201 for all three final states; an unknown one means that the query is still running.
 * @throws AppError LAKE_BAD_ANSWER if the body has no status
 */
export function readStatus({ body }: HttpAnswer): QueryStatus {
  const { data } = statusBody.safeParse(parsedBody(body));
  if (!data) throw badAnswer('The answer to a status request has no status.');
  switch (data.status.trim().toUpperCase()) {
    case 'FINISHED':
      return { state: 'finished', ...columnsOf(data), ...rowsOf(data) };
    case 'FAILED':
      return { state: 'failed' };
    case 'CANCELED':
    case 'CANCELLED':
      return { state: 'canceled' };
    default:
      return { state: 'running' };
  }
}

type StatusBody = z.infer<typeof statusBody>;

type Listed = Pick<Extract<QueryStatus, { state: 'finished' }>, 'columns' | 'kinds'>;

function columnsOf({ columns = [] }: StatusBody): Listed {
  if (columns.length === 0) return {};
  const kinds = columns.flatMap(({ name, datatype }) => {
    const kind = kindOfDatatype(datatype);
    return kind ? [{ column: foldedName(name), kind }] : [];
  });
  return { columns: columns.map(({ name }) => name), ...(kinds.length > 0 && { kinds }) };
}

/** The row count; -1, which matches no result, if the answer contradicts itself. */
function rowsOf({ rowCount, recordCount, queryDetails }: StatusBody): { rows?: number } {
  const told = [rowCount, recordCount, queryDetails?.rowCount, queryDetails?.recordCount]
    .filter((value) => /^\d{1,15}$/.test(String(value)))
    .map(Number);
  const [rows] = told;
  if (rows === undefined) return {};
  return { rows: told.every((other) => other === rows) ? rows : -1 };
}

const MOST_REASONS = 5;
const reasonRow = z.object({
  message: z.string().optional().catch(undefined),
  localizedMessage: z.string().optional().catch(undefined),
  messageCode: z.coerce.string().optional(),
  messageCategory: z.coerce.string().optional(),
  userTableName: z.string().optional().catch(undefined),
  line: z.coerce.number().optional().catch(undefined),
  position: z.coerce.number().optional().catch(undefined),
});

/** Columns of the error table; at least one of them has the reason. */
const REASONS = ['MESSAGE', 'LOCALIZEDMESSAGE', 'MESSAGECATEGORY'];

/**
 * Whether a page is the error table of a query that failed. Rows of this backend's own statements
 * differ from it by the columns that the statements add (`LAKE_…`).
 */
export function isErrorTable([first = {}]: readonly Row[]): boolean {
  const names = new Set(Object.keys(first).map((name) => name.toUpperCase()));
  return (
    names.has('MESSAGECODE') &&
    REASONS.some((name) => names.has(name)) &&
    ![...names].some((name) => name.startsWith('LAKE_'))
  );
}

/**
 * The error of a FAILED query, from its result: an error table with one row per message, with
 * Infor's code, line and position.
 */
export function queryFailed(queryId: string, errorTable: readonly Row[]): AppError {
  const details = errorTable.slice(0, MOST_REASONS).flatMap((row): ErrorDetail[] => {
    const { data } = reasonRow.safeParse(row);
    const message = data?.message ?? data?.localizedMessage;
    if (!data || !message) return [];
    const { messageCode: code, messageCategory: category, userTableName: object } = data;
    const { line, position } = data;
    return [{ message, ...withoutUndefined({ code, category, object, line, position }), queryId }];
  });
  const [first] = details;
  if (!first) {
    return new AppError(
      'LAKE_QUERY_FAILED',
      'The lake could not run the query; it gave no reason.',
      {
        details: [{ message: 'The lake gave no reason.', queryId }],
      },
    );
  }
  return new AppError('LAKE_QUERY_FAILED', `The lake could not run the query: ${first.message}`, {
    details,
  });
}

function withoutUndefined(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function badAnswer(message: string): AppError {
  return new AppError('LAKE_BAD_ANSWER', undefined, { details: [{ message }] });
}
