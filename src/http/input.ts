import type { z } from 'zod';
import { AppError, type ErrorDetail } from '../errors/app-error.js';

const MAX_BODY_BYTES = 64 * 1024;
/** Names that could pollute JavaScript prototypes, or disguise an input as a BSON type. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype', '_bsontype']);
/** Far beyond any request of this API; deeper nesting could exhaust the stack. */
const MAX_DEPTH = 20;
/** An unpaired surrogate could be stored only as another character. */
const UNPAIRED_SURROGATE = 'must not contain an unpaired surrogate';

export interface Query {
  /** If a name is given twice, the first value. */
  readonly values: Readonly<Record<string, string>>;
  readonly twice: readonly string[];
}

/** The query string as one object. @throws VALIDATION_FAILED for a reserved name of JavaScript */
export function queryOf(request: Request): Query {
  const values: Record<string, string> = {};
  const twice: string[] = [];
  for (const [name, value] of new URL(request.url).searchParams) {
    if (FORBIDDEN_NAMES.has(name)) invalid([{ field: name, message: 'unknown field' }]);
    if (Object.hasOwn(values, name)) twice.push(name);
    else values[name] = value;
  }
  return { values, twice };
}

/**
 * The fields of a query. Unknown names are ignored: frontends add parameters that bypass caches,
 * and proxies add their own.
 * @throws VALIDATION_FAILED, naming each field at fault, including one that is given twice
 */
export function validateQuery<T>(schema: z.ZodType<T>, { values, twice }: Query): T {
  const issues = schema.safeParse(values).error?.issues ?? [];
  const unknown = new Set(
    issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])),
  );
  const repeated = twice.filter((name) => !unknown.has(name));
  if (repeated.length > 0) {
    invalid([...new Set(repeated)].map((field) => ({ field, message: 'is given twice' })));
  }
  const known = Object.entries(values).filter(([name]) => !unknown.has(name));
  // The platform replaces bytes that are not UTF-8 with this character.
  const spoiled = known.filter(([, value]) => value.includes('\ufffd'));
  if (spoiled.length > 0) invalid(spoiled.map(([field]) => ({ field, message: 'is not UTF-8' })));
  return validate(schema, Object.fromEntries(known));
}

/**
 * The body's text, without white space around it.
 * @param mayBeBare an empty body needs no content type
 * @throws UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE; BODY_NOT_JSON if it is not UTF-8
 */
export async function bodyText(
  request: Request,
  { mayBeBare, most = MAX_BODY_BYTES }: { mayBeBare: boolean; most?: number | undefined },
): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > most) tooLarge(most);
  const bytes = await request.arrayBuffer();
  // Browsers send some other types across origins without a preflight, but never a token.
  const bare = bytes.byteLength === 0 && (mayBeBare || request.headers.has('authorization'));
  if (!bare && !isJson(request.headers.get('content-type') ?? '')) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  }
  if (bytes.byteLength > most) tooLarge(most);
  return textOf(bytes).trim();
}

/** JSON is UTF-8; `utf8` is a common spelling of it. */
function isJson(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') return false;
  return parameters.every((parameter) => {
    const [name, value = ''] = parameter.split('=').map((part) => part.trim());
    return name !== 'charset' || /^("?)utf-?8\1$/.test(value);
  });
}

/**
 * The body as one JSON object; an empty body is an empty object.
 * @throws BODY_NOT_JSON, VALIDATION_FAILED
 */
export function parseBody(text: string): Record<string, unknown> {
  if (text === '') return {};
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new AppError('BODY_NOT_JSON');
  }
  checkInside(body, []);
  return body as Record<string, unknown>;
}

/** @throws VALIDATION_FAILED, naming each field at fault */
export function validate<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  return result.success ? result.data : invalid(result.error.issues.flatMap(detailsOf));
}

function detailsOf(issue: z.core.$ZodIssue): ErrorDetail[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'unknown field' }));
  }
  return [{ field: path.join('.') || '(request)', message: issue.message }];
}

/** Bytes that are not UTF-8 are refused: decoding would silently replace them. */
function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('BODY_NOT_JSON');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('BODY_NOT_JSON');
  }
}

/** @throws VALIDATION_FAILED for a name, a depth or a text that no field of any request may have */
function checkInside(value: object, path: readonly string[]): void {
  for (const [name, inner] of Object.entries(value)) {
    const place = [...path, name];
    const field = place.join('.').toWellFormed();
    if (FORBIDDEN_NAMES.has(name)) invalid([{ field, message: 'unknown field' }]);
    const texts = typeof inner === 'string' ? [name, inner] : [name];
    if (!texts.every((text) => text.isWellFormed()))
      invalid([{ field, message: UNPAIRED_SURROGATE }]);
    if (typeof inner !== 'object' || inner === null) continue;
    if (place.length >= MAX_DEPTH) invalid([{ field, message: 'is nested too deeply' }]);
    checkInside(inner, place);
  }
}

function invalid(details: readonly ErrorDetail[]): never {
  const fields = details.map(({ field }) => field).join(', ');
  throw new AppError('VALIDATION_FAILED', `Check these fields: ${fields}.`, { details });
}

function tooLarge(most: number): never {
  throw new AppError('BODY_TOO_LARGE', undefined, {
    details: [{ message: `at most ${most} bytes` }],
  });
}
