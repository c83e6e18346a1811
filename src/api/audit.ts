import { isDeepStrictEqual } from 'node:util';
import type { Call, Change } from '../http/endpoint.js';
import type { Services } from './services.js';

/** Longer than any write takes; the change itself is done. */
const LIMIT_MS = 5_000;

/**
 * Records what a request has changed. The change is done by then: where it can't be recorded the
 * log holds it, and the request succeeds all the same.
 */
export async function recordChanges(
  { services, caller, address, requestId, log }: Call<Services, unknown, unknown>,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return;
  const { store, clock } = await services();
  const who = { caller: caller?.name ?? 'anyone', address: address ?? null, requestId };
  const entries = changes.map((change) => ({
    at: new Date(clock.now()),
    ...who,
    ...change,
  }));
  try {
    const { audits } = await store({ deadline: clock.now() + LIMIT_MS });
    await audits.record(entries);
  } catch (error) {
    log.error({ err: error, changes: entries }, 'change not recorded');
  }
}

/** The fields in which two states of one thing differ; undefined where they don't. */
export function difference(
  before: object,
  after: object,
  names: readonly string[],
): Pick<Change, 'before' | 'after'> | undefined {
  const fieldOf = (state: object, name: string) =>
    (state as Readonly<Record<string, unknown>>)[name] ?? null;
  const changed = names.filter(
    (name) => !isDeepStrictEqual(fieldOf(before, name), fieldOf(after, name)),
  );
  if (changed.length === 0) return undefined;
  const part = (state: object) =>
    Object.fromEntries(changed.map((name) => [name, fieldOf(state, name)]));
  return { before: part(before), after: part(after) };
}
