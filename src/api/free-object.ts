import { z } from 'zod';
import { isStorableName } from '../rows/storable.js';

const MAX_CHARACTERS = 16_000;
const MAX_DEPTH = 10;

/**
 * An object whose fields this backend doesn't know, to be stored as it came: limited in
 * size and depth, with names that MongoDB stores.
 */
export const freeObject = z
  .record(z.string(), z.unknown(), { error: 'must be an object' })
  .superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

function problemOf(value: object): string | undefined {
  // Depth first: what follows walks through the whole value.
  if (!isAccepted(value, MAX_DEPTH)) {
    return `must be at most ${MAX_DEPTH} levels deep, without $ at the beginning of a name`;
  }
  if (JSON.stringify(value).length <= MAX_CHARACTERS) return undefined;
  return `must be at most ${MAX_CHARACTERS} characters of JSON`;
}

function isAccepted(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  return Object.entries(value).every(
    ([name, inner]) => isStorableName(name) && isAccepted(inner, levels - 1),
  );
}
