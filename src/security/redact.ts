const BLOT = '[secret]';
/** Shorter texts would blot out half of every message. */
const SHORTEST = 4;

// What looks like a secret although it is none of ours: tokens, logins, and values of telling names.
const LOOKS_SECRET: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${BLOT}`],
  [/\beyJ[\w-]{8,}\.[\w.-]+/g, BLOT],
  [/(\w:\/\/)[^\s/@]+(?:\/[^\s@]*)?@/g, `$1${BLOT}@`],
  [
    /("?\b(?:password|passwd|client_secret|access_token|refresh_token|id_token)\b"?\s*[=:]\s*)("[^"]*"|[^\s&,;}]+)/gi,
    `$1${BLOT}`,
  ],
];

/** A text without the given secrets, in each encoding that a request has them in, and without what looks like one. */
export function redact(text: string, secrets: readonly string[]): string {
  const blotted = secrets
    .filter(({ length }) => length >= SHORTEST)
    .flatMap(spellings)
    .reduce((rest, secret) => rest.replaceAll(secret, BLOT), text);
  return LOOKS_SECRET.reduce((rest, [pattern, by]) => rest.replace(pattern, by), blotted);
}

function spellings(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, form, encodeURIComponent(secret), json];
}
