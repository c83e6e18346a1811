import type { z } from 'zod';
import { AppError, type ErrorDetail } from '../errors/app-error.js';

const MAX_BODY_BYTES = 64 * 1024;
/** Names by which an input could reach into JavaScript's own objects. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);
/** Far beyond any request of this API; what is deeper could exhaust the stack. */
const MAX_DEPTH = 20;

/** The query string as one object. @throws VALIDATION_FAILED for a name that stands twice */
export function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    if (Object.hasOwn(query, name)) invalid([{ field: name, message: 'is given twice' }]);
    if (FORBIDDEN_NAMES.has(name)) invalid([{ field: name, message: 'unknown field' }]);
    query[name] = value;
  }
  return query;
}

/**
 * The body's text, without white space around it.
 * @throws UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE; BODY_NOT_JSON where it is not UTF-8
 */
export async function bodyText(request: Request, most = MAX_BODY_BYTES): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > most) tooLarge(most);
  const bytes = await request.arrayBuffer();
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  // A browser sends any other type across origins without asking first; not so a token.
  const bare = bytes.byteLength === 0 && request.headers.has('authorization');
  if (type !== 'application/json' && !bare) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  if (bytes.byteLength > most) tooLarge(most);
  return textOf(bytes).trim();
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
  refuseForbiddenNames(body, []);
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

/** Bytes that are no UTF-8 are refused: decoded all the same they would be other characters. */
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

function refuseForbiddenNames(value: object, path: readonly string[]): void {
  for (const [name, inner] of Object.entries(value)) {
    const place = [...path, name];
    const field = place.join('.');
    if (FORBIDDEN_NAMES.has(name)) invalid([{ field, message: 'unknown field' }]);
    if (typeof inner !== 'object' || inner === null) continue;
    if (place.length >= MAX_DEPTH) invalid([{ field, message: 'is nested too deeply' }]);
    refuseForbiddenNames(inner, place);
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
