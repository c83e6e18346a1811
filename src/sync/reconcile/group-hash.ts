import { createHash } from 'node:crypto';

/**
 * Adds text to a digest: the hash of the previous digest and the text. So it can be saved after any
 * addition, and continued later.
 * @param digest 64 hexadecimal digits; empty: nothing has been added
 */
export function addToDigest(digest: string, text: string): string {
  return createHash('sha256').update(digest).update(text).digest('hex');
}
