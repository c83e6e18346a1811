import { createHash } from 'node:crypto';

const MODULUS = 1n << 256n;

/**
 * A digest of groups that doesn't depend on their order: the sum of their hashes. It can be saved
 * between any two groups and taken up again.
 */
export function addToDigest(digest: string, groups: Iterable<string>): string {
  let sum = digest === '' ? 0n : BigInt(`0x${digest}`);
  for (const group of groups) {
    sum += BigInt(`0x${createHash('sha256').update(group).digest('hex')}`);
  }
  return (sum % MODULUS).toString(16).padStart(64, '0');
}
