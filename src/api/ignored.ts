import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const CARRIED_ALONG = z
  .unknown()
  .optional()
  .describe('Ignored: a field of an answer that is edited and sent back');

/**
 * Fields of our own answers that a request may carry along and that change nothing: what
 * was got can be edited and sent back, while any other unknown field is refused.
 */
export function ignored<const Name extends string>(
  names: readonly Name[],
): Record<Name, z.ZodOptional<z.ZodUnknown>> {
  const shape = Object.fromEntries(names.map((name) => [name, CARRIED_ALONG]));
  // fromEntries forgets the names; they are the ones given.
  return shape as Record<Name, z.ZodOptional<z.ZodUnknown>>;
}

/** What a body says that the answer, which it may have been made of, does not. */
export function changedIn(
  answer: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const sent: Record<string, unknown> = JSON.parse(JSON.stringify(answer));
  const changed = Object.entries(body).filter(
    ([name, value]) => !(Object.hasOwn(sent, name) && isDeepStrictEqual(sent[name], value)),
  );
  return Object.fromEntries(changed);
}
