import { z } from 'zod';

/** Who holds a token, and what it lets him do. */
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

/** A shorter token can be guessed by somebody who has time. */
const SHORTEST_TOKEN = 24;

/** What stands before the colon is a name only if a whole token follows it. */
const NAMED = /^([a-z][a-z0-9-]{0,31}):(.{24,})$/;

/**
 * The value of API_TOKEN or API_READ_TOKEN: tokens with commas between them, each with a name
 * before it or without, e.g. `frontend:Vb3…,ops:9xK…`.
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
    // A token with a blank or a control character can't arrive in an Authorization header.
    error: 'must be printable ASCII without blanks',
  });

/**
 * The tokens of a list, those too short for a deployed site set apart: a weak token closes itself,
 * never the site.
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
