import { createHash } from 'node:crypto';

/**
 * Adds text to a digest: the hash of what there was and what is added. So it can be saved between
 * any two additions, and taken up again.
 * @param digest 64 hexadecimal digits; empty: nothing has been added
 */
export function addToDigest(digest: string, text: string): string {
  return createHash('sha256').update(digest).update(text).digest('hex');
}
