import { join } from 'node:path';
import { parseAllHeaders } from '@netlify/headers-parser';
import type { HeaderRule } from './site-config.js';

/** The headers that published files have by the rules of netlify.toml; functions set their own. */
export type HeadersOf = (pathname: string) => readonly (readonly [name: string, value: string])[];

export async function openStaticHeaders(
  configured: readonly HeaderRule[],
  publishFolder: string,
  log: (line: string) => void,
): Promise<HeadersOf> {
  const { headers, errors } = await parseAllHeaders({
    headersFiles: [join(publishFolder, '_headers')],
    configHeaders: configured.map((rule) => ({ for: rule.for, values: { ...rule.values } })),
    minimal: false,
  });
  for (const { message } of errors) log(`Headers are left out: ${message}`);
  const rules = headers.flatMap((rule) => {
    const pattern = 'forRegExp' in rule ? rule.forRegExp : undefined;
    const values = Object.entries(rule.values).filter(([name, value]) => isServed(name, value));
    for (const [name] of Object.entries(rule.values)) {
      if (name.toLowerCase() === 'basic-auth') {
        log(`Basic-Auth of ${rule.for} is left out: here nothing asks for a password.`);
      }
    }
    return pattern ? [{ pattern, values }] : [];
  });
  return (pathname) => {
    const matching = rules.filter(({ pattern }) => pattern.test(pathname));
    // The later rule of two decides.
    const byName = new Map<string, readonly [string, string]>();
    for (const { values } of matching) {
      for (const [name, value] of values) byName.set(name.toLowerCase(), [name, value]);
    }
    return [...byName.values()];
  };
}

/** A password is for the platform to ask for; what is no header would break every answer. */
function isServed(name: string, value: string): boolean {
  if (name.toLowerCase() === 'basic-auth') return false;
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}
