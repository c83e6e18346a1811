import type { EditedSql } from '../sql/edits.js';
import { SqlRefusal } from '../sql/refusal.js';
import { LAST_MODIFIED } from '../store/objects.js';

/** Why a job failed, as its error table tells it. */
export interface QueryFailure {
  readonly code: string;
  readonly message: string;
  /** The object at fault, where it is known. */
  readonly object?: string;
  /** Line and position in the client's SQL, counted from 1. */
  readonly line?: number;
  readonly position?: number;
}

/** What the engine says of an error under `errors_as_json`. */
interface EngineError {
  readonly exception_message?: unknown;
  readonly error_subtype?: unknown;
  readonly name?: unknown;
  readonly position?: unknown;
}

/** The reason in Infor's words, with the place in the client's own SQL. */
export function toQueryFailure(error: unknown, sql: string, edited?: EditedSql): QueryFailure {
  if (error instanceof SqlRefusal) {
    return { code: error.code, message: error.message, ...placeOf(sql, error.offset) };
  }
  const engine = engineError(error);
  const offset = Number(engine.position);
  const place = Number.isInteger(offset) && edited ? placeOf(sql, edited.toSource(offset)) : {};
  const text = firstLine(
    engine.exception_message ?? (error instanceof Error ? error.message : error),
  );
  if (text.includes(LAST_MODIFIED)) {
    const message = text.startsWith('Ambiguous')
      ? 'infor.lastmodified() needs the object or alias that it is asked of.'
      : 'infor.lastmodified() is asked of something that is no object of the lake.';
    return { code: '400', message, ...place };
  }
  if (engine.error_subtype === 'COLUMN_NOT_FOUND') {
    const message = `Property '${engine.name}' is unknown, or you have no permission to read it.`;
    return { code: '401', message, ...place };
  }
  return { code: '400', message: text, ...place };
}

/** The rows of the result of a failed job: one, in wire form. */
export function errorTable(failure: QueryFailure, queryId: string, at: Date) {
  const row: Record<string, string> = {
    messageCode: failure.code,
    messageCategory: 'QUERY',
    messageType: 'ERROR',
    message: failure.message,
    localizedMessage: failure.message,
    suggestedLocalizedText: failure.message,
    messageTime: at.toISOString(),
    queryId,
  };
  if (failure.object !== undefined) {
    row.dataObjectId = failure.object;
    row.userTableName = failure.object;
  }
  if (failure.line !== undefined) row.line = String(failure.line);
  if (failure.position !== undefined) row.position = String(failure.position);
  return row;
}

export const ERROR_TABLE_COLUMNS = [
  'messageCode',
  'messageCategory',
  'messageType',
  'message',
  'localizedMessage',
  'suggestedLocalizedText',
  'messageTime',
  'queryId',
  'dataObjectId',
  'userTableName',
  'line',
  'position',
].map((name) => ({ name, datatype: 'String' }));

function placeOf(sql: string, offset: number | undefined) {
  if (offset === undefined) return {};
  const before = sql.slice(0, offset).split('\n');
  return { line: before.length, position: (before.at(-1)?.length ?? 0) + 1 };
}

function engineError(error: unknown): EngineError {
  const text = error instanceof Error ? error.message : '';
  const start = text.indexOf('{');
  if (start === -1) return {};
  try {
    const parsed: unknown = JSON.parse(text.slice(start));
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** The lines behind it propose names, hidden ones too. */
function firstLine(text: unknown): string {
  return String(text).split('\n')[0] ?? '';
}
