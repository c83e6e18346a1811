import { createHash } from 'node:crypto';

const MODULUS = 1n << 256n;

/**
 * Adds a group to a digest that doesn't depend on their order: the sum of their hashes. So it can be
 * saved between any two groups, and taken up again.
 */
export function addToDigest(digest: bigint, group: string): bigint {
  const hash = BigInt(`0x${createHash('sha256').update(group).digest('hex')}`);
  return (digest + hash) % MODULUS;
}

/** 64 hexadecimal digits. */
export function digestText(digest: bigint): string {
  return digest.toString(16).padStart(64, '0');
}
