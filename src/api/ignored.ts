import { z } from 'zod';

/**
 * Fields of our own answers that a request may carry along and that change nothing: what
 * was got can be edited and sent back, while any other unknown field is refused.
 */
export function ignored<const Name extends string>(
  names: readonly Name[],
): Record<Name, z.ZodOptional<z.ZodUnknown>> {
  const shape = Object.fromEntries(names.map((name) => [name, z.unknown().optional()]));
  // fromEntries forgets the names; they are the ones given.
  return shape as Record<Name, z.ZodOptional<z.ZodUnknown>>;
}
