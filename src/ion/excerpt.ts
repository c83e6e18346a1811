import type { IonCredentials } from '../config/ion-credentials.js';
import { redact } from '../security/redact.js';

/** Shortens the text of an answer for a message; what is secret in it is blotted out. */
export type Excerpt = (text: string, alsoSecret?: string) => string;

const LONGEST = 300;

/**
 * Makes the function that turns an answer's body into at most 300 harmless characters: secrets
 * of the credentials go first, then markup, then the rest of the text.
 */
export function createExcerpt(credentials: IonCredentials): Excerpt {
  const { clientId, clientSecret, accessKey, secretKey } = credentials;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const ours = [basic, clientSecret, accessKey, secretKey];
  return (text, alsoSecret) => {
    const plain = redact(text, alsoSecret ? [...ours, alsoSecret] : ours)
      .replace(/<(style|script)\b[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
  };
}
