/**
 * Sanitises text of other systems (the lake, MongoDB, a receiver) before it is stored, logged,
 * answered or sent: it is truncated, and secrets are redacted.
 */

const BLOT = '[secret]';
/** Only this much of a text is processed, so that the time is bounded for any input. */
const WINDOW = 8_192;
/** No encoding of a secret is longer. A truncated text may end with a part of one. */
const LONGEST_SECRET = 4_096;
/** Redacting shorter ones would affect ordinary words. */
const SHORTEST_SECRET = 6;
/**
 * Tokens change over time; settings and credentials are registered again with each request. This
 * is far more than a site has, since the oldest are dropped beyond it.
 */
const KEPT = 300;

/** Each secret with its encodings; the newest last. */
const secrets = new Map<string, readonly string[]>();
let known: readonly string[] = [];

/** Registers values that are redacted from now on: secrets of the settings, and tokens. */
export function keepSecret(...values: readonly (string | undefined)[]): void {
  let isNew = false;
  for (const value of values) {
    if (value === undefined || value.length < SHORTEST_SECRET) continue;
    isNew ||= !secrets.has(value);
    const spellings = secrets.get(value) ?? spellingsOf(value);
    secrets.delete(value);
    secrets.set(value, spellings);
  }
  // Nearly every call registers known values.
  if (!isNew) return;
  for (const oldest of secrets.keys()) {
    if (secrets.size <= KEPT) break;
    secrets.delete(oldest);
  }
  // One may be contained in another.
  known = [...secrets.values()].flat().sort((a, b) => b.length - a.length);
}

/** What looks like a secret although it isn't one of ours: tokens, and values of typical names. */
const LOOKS_SECRET: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${BLOT}`],
  [/\beyJ[\w-]{8,}\.[\w.-]+/g, BLOT],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@]+@/gi, `$1${BLOT}@`],
  [
    /("?\b(?:password|passwd|pwd|secret|client_?secret|access_?token|refresh_?token|id_?token|api_?key|saak|sask)\b"?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;}]+)/gi,
    `$1${BLOT}`,
  ],
];

/**
 * The beginning of a text, without secrets.
 * @param longest characters
 */
export function withoutSecrets(text: string, longest: number): string {
  return clip(blotted(text), longest);
}

/** Fields whose value is a secret whatever it looks like. */
const SECRET_NAME =
  /passw(?:or)?d|pwd|secret|authorization|cookie|api[_-]?key|(?:access|refresh|id|auth)_?token|^(?:token|saak|sask|auth)$/i;
/** Source locations belong only in the log. */
const STACK_NAME = /^(?:stack|stackTrace|trace)$/i;
const STACK_LINES = /(?:\r?\n[ \t]+at [^\n]*)+/g;
const DEEPEST = 12;

/** The same for a text that may include an error's stack: the stack lines are removed. */
export function withoutStack(text: string, longest: number): string {
  return clip(blotted(text).replace(STACK_LINES, ''), longest);
}

/**
 * A whole value recorded by another system, with its texts sanitised, and without stacks.
 * @param longest characters of each text
 */
export function withoutSecretsIn(value: unknown, longest: number, depth = DEEPEST): unknown {
  if (typeof value === 'string') return withoutStack(value, longest);
  if (Array.isArray(value)) {
    return depth > 0 ? value.map((one) => withoutSecretsIn(one, longest, depth - 1)) : [];
  }
  if (!isPlainObject(value)) return value;
  if (depth <= 0) return {};
  const kept = Object.entries(value).filter(([name]) => !STACK_NAME.test(name));
  return Object.fromEntries(
    kept.map(([name, inner]) => {
      const isSecret = SECRET_NAME.test(name) && isFilled(inner);
      return [name, isSecret ? BLOT : withoutSecretsIn(inner, longest, depth - 1)];
    }),
  );
}

/** Whether the value can be a secret itself: cookies are a list, a password may be a number. */
function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** Dates and ids are left as they are. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The same for an answer's body: markup is removed, and white space collapsed. */
export function excerpt(body: string, longest = 300): string {
  const plain = blotted(body)
    .replace(/<(style|script)\b[\s\S]*?<\/\1>|<[^<>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return clip(plain, longest);
}

function blotted(text: string): string {
  const isCut = text.length > WINDOW;
  const seen = known.reduce(
    (rest, secret) => rest.replaceAll(secret, BLOT),
    isCut ? text.slice(0, WINDOW) : text,
  );
  const shown = LOOKS_SECRET.reduce((rest, [pattern, by]) => rest.replace(pattern, by), seen);
  if (!isCut) return shown;
  // Counted from the end, since redaction has shifted the rest of a secret towards the front.
  return shown.slice(0, Math.max(0, shown.length - LONGEST_SECRET)) || BLOT;
}

function clip(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = text.slice(0, longest - 1);
  // MongoDB can't store an unpaired surrogate.
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}…`;
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The value itself, and in each encoding that a request or an answer may use. */
function spellingsOf(secret: string): readonly string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  const twice = JSON.stringify(json).slice(1, -1);
  const percent = [encodeURIComponent(secret), form];
  // RFC 3986 uses upper-case digits; .NET writes lower-case ones.
  const small = percent.map((text) => text.replace(/%../g, (code) => code.toLowerCase()));
  // .NET and PHP escape these, although JSON doesn't require it.
  const cautious = json.replace(/[&<>'+`]/g, unicodeEscape);
  const slashes = json.replaceAll('/', '\\/');
  const html = secret.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
  const base64 = Buffer.from(secret).toString('base64');
  const all = [secret, ...percent, ...small, json, twice, cautious, slashes, html, base64];
  return [...new Set(all)];
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
