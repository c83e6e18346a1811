import type { IonCredentials } from '../config/ion-credentials.js';

/** Shortens the text of an answer for a message; what is secret in it is blotted out. */
export type Excerpt = (text: string, alsoSecret?: string) => string;

const LONGEST = 300;
const BLOT = '[secret]';

// What looks like a secret although it is none of ours: tokens, and values of telling names.
const LOOKS_SECRET: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${BLOT}`],
  [/\beyJ[\w-]{8,}\.[\w.-]+/g, BLOT],
  [
    /("?\b(?:password|passwd|client_secret|access_token|refresh_token|id_token)\b"?\s*[=:]\s*)("[^"]*"|[^\s&,;}]+)/gi,
    `$1${BLOT}`,
  ],
];

/**
 * Makes the function that turns an answer's body into at most 300 harmless characters: secrets
 * of the credentials go first (as they are and in each encoding that a request has them in),
 * then markup, then the rest of the text.
 */
export function createExcerpt(credentials: IonCredentials): Excerpt {
  const { clientId, clientSecret, accessKey, secretKey } = credentials;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const ours = [clientSecret, accessKey, secretKey].flatMap(spellings);
  return (text, alsoSecret) => {
    const secrets = alsoSecret ? [basic, ...ours, alsoSecret] : [basic, ...ours];
    const blotted = secrets.reduce((rest, secret) => rest.replaceAll(secret, BLOT), text);
    const plain = LOOKS_SECRET.reduce((rest, [pattern, by]) => rest.replace(pattern, by), blotted)
      .replace(/<(style|script)\b[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
  };
}

function spellings(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, form, encodeURIComponent(secret), json];
}
