import { z } from 'zod';

/** A token, its name and what it permits. */
export interface ApiToken {
  /** As logs and records show it; never the token. */
  readonly name: string;
  readonly value: string;
  readonly may: 'read' | 'write';
}

/** A token that is not accepted, by its name. */
export interface IgnoredToken {
  readonly name: string;
  readonly reason: string;
}

/** A shorter token can be guessed by brute force. */
const SHORTEST_TOKEN = 24;

/** The text before a colon is a name only if a complete token follows. */
const NAMED = /^([a-z][a-z0-9-]{0,31}):(.{24,})$/;

/**
 * The value of API_TOKEN or API_READ_TOKEN: tokens separated by commas, each with an optional
 * name, e.g. `frontend:Vb3…,ops:9xK…`.
 */
export const tokenList = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine((tokens) => tokens.every((token) => /^[\x21-\x7e]+$/.test(token)), {
    // A token with a space or a control character can't be sent in an Authorization header.
    error: 'must be printable ASCII without blanks',
  });

/**
 * The tokens of a list, with those that are too short for a deployed site separated: a weak token
 * is ignored and does not disable the site.
 */
export function tokensOf(
  list: readonly string[],
  variable: 'API_TOKEN' | 'API_READ_TOKEN',
  isDeployed: boolean,
): { readonly tokens: readonly ApiToken[]; readonly ignored: readonly IgnoredToken[] } {
  const may = variable === 'API_TOKEN' ? 'write' : 'read';
  const tokens: ApiToken[] = [];
  const ignored: IgnoredToken[] = [];
  for (const [place, entry] of list.entries()) {
    const [, given, rest] = NAMED.exec(entry) ?? [];
    const name = given ?? (place === 0 ? variable : `${variable}-${place + 1}`);
    const value = rest ?? entry;
    if (isDeployed && value.length < SHORTEST_TOKEN) {
      ignored.push({ name, reason: `shorter than ${SHORTEST_TOKEN} characters` });
    } else tokens.push({ name, value, may });
  }
  return { tokens, ignored };
}
