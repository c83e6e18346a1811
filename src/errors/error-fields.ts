import { withoutSecretsIn, withoutStack } from '../security/outside-text.js';
import { AppError, type ErrorDetail, type StoredError, toStoredError } from './app-error.js';
import { ERROR_CODES, type ErrorCode } from './codes.js';

/** An error as a job and a history entry keep it: a text, with code and details in other fields. */
export interface ErrorFields {
  /** For a person: what happened and what to do about it. */
  error?: string;
  errorCode?: ErrorCode;
  errorDetails?: readonly ErrorDetail[];
}

/** The same in an answer, whatever recorded it: codes of other origin are kept unchanged. */
export interface ErrorView {
  readonly error: string;
  readonly errorCode?: string;
  readonly errorDetails?: readonly unknown[];
}

/** What a record may have: earlier errors were objects, and callers can store any value. */
type MaybeFailed =
  | {
      readonly error?: unknown;
      readonly errorCode?: unknown;
      readonly errorDetails?: unknown;
    }
  | Readonly<Record<string, unknown>>;

export function errorFields(thrown: unknown): Required<ErrorFields> {
  const { code, message, details } = toStoredError(thrown);
  return { error: message, errorCode: code, errorDetails: details };
}

/** A record's error in the current form; undefined: it has none. */
export function errorView(record: MaybeFailed): ErrorView | undefined {
  const { error, errorCode, errorDetails } = record;
  if (error === undefined || error === null || error === '') return undefined;
  if (typeof error !== 'object') {
    return view(String(error), errorCode, Array.isArray(errorDetails) ? errorDetails : undefined);
  }
  const harmless = withoutSecretsIn(error, LONGEST) as Record<string, unknown>;
  const { code, details, ...rest } = harmless;
  const { stack } = error as { readonly stack?: unknown };
  const isStackAlone = typeof stack === 'string' && Object.keys(harmless).length === 0;
  const text = isStackAlone ? stack : textOf(harmless);
  return view(text, code ?? errorCode, detailsOf(details, rest, text));
}

/** The error of a run of this backend, as an object; undefined: it has not failed. */
export function storedError(record: MaybeFailed): StoredError | undefined {
  const found = errorView(record);
  if (!found) return undefined;
  const { error: message, errorCode, errorDetails = [] } = found;
  const code = errorCode !== undefined && isErrorCode(errorCode) ? errorCode : 'INTERNAL';
  // If the code is ours, so are the details.
  return { code, message, details: errorDetails as readonly ErrorDetail[] };
}

export function asAppError({ code, message, details }: StoredError): AppError {
  return new AppError(code, message, { details });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

const UNKNOWN = 'Unknown error';
/** Characters of an error's text, and of a text in its details. */
const LONGEST = 4_000;

/** Earlier versions recorded library errors in full: stacks, headers, connection strings. */
function view(error: string, code: unknown, details: readonly unknown[] | undefined): ErrorView {
  const named = typeof code === 'string' || typeof code === 'number';
  const shown = details?.map((detail) => withoutSecretsIn(detail, LONGEST));
  return {
    error: withoutStack(error, LONGEST) || UNKNOWN,
    ...(named && { errorCode: String(code) }),
    ...(shown && { errorDetails: shown }),
  };
}

/** Fields in which an error object may have its message, the likeliest first. */
const TEXT_NAMES = ['message', 'error', 'reason', 'errmsg', 'statusText', 'name', 'code'] as const;

function textOf(error: object): string {
  if (Array.isArray(error)) return error.map((one) => plain(one)).join('; ') || UNKNOWN;
  const values = error as Readonly<Record<string, unknown>>;
  const found = TEXT_NAMES.map((name) => values[name]).find(hasText);
  if (typeof found === 'object' && found !== null) return textOf(found);
  if (found !== undefined) return String(found);
  const text = JSON.stringify(error);
  return text === '{}' ? UNKNOWN : text;
}

function plain(value: unknown): string {
  return typeof value === 'object' && value !== null ? textOf(value) : String(value);
}

function hasText(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '' && typeof value !== 'boolean';
}

/** Everything in the object except stacks is kept: what is not a list of details becomes one. */
function detailsOf(
  details: unknown,
  rest: Record<string, unknown>,
  text: string,
): readonly unknown[] | undefined {
  const others = Object.entries(rest).filter(([, value]) => value !== text);
  const list = Array.isArray(details) ? details : details === undefined ? [] : [details];
  const all = [...list, ...(others.length > 0 ? [Object.fromEntries(others)] : [])];
  return all.length > 0 || Array.isArray(details) ? all : undefined;
}
