import { createHash } from 'node:crypto';
import { AppError } from '../errors/app-error.js';
import type { Caller } from './endpoint.js';

/**
 * The key of a request that may be sent again: `Idempotency-Key`, bare or as the quoted string of the
 * IETF draft, which names the same key.
 * @returns undefined if the request has none
 * @throws AppError VALIDATION_FAILED unless it has 1 to 255 visible ASCII characters
 */
export function idempotencyKey(headers: Headers): string | undefined {
  const header = headers.get('idempotency-key');
  if (header === null) return undefined;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError('VALIDATION_FAILED', 'Check these fields: Idempotency-Key.', {
    details: [
      { field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters, no blank' },
    ],
  });
}

/**
 * Under which a caller's key is stored: a hash, so that what is stored has one size and no text of the
 * caller. Callers are told apart by the name and the rights of their tokens, which outlive its renewal.
 */
export function keyOfCaller(endpoint: string, caller: Caller | undefined, key: string): string {
  return hash(JSON.stringify([endpoint, caller?.may ?? null, caller?.name ?? null, key]));
}

/** A hash of what a request asks for, whatever the order of its fields. */
export function requestHash(request: unknown): string {
  return hash(canonical(JSON.parse(JSON.stringify(request))));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with the names of objects in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}
