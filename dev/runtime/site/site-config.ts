import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { z } from 'zod';

/** What the local runtime and the bundling test follow of netlify.toml, so that neither can drift from it. */
export interface SiteConfig {
  readonly publish: string;
  readonly functionsDirectory: string;
  readonly includedFiles: readonly string[];
  /** As written: Netlify's own parser reads them. */
  readonly redirects: readonly Readonly<Record<string, unknown>>[];
  readonly headers: readonly HeaderRule[];
}

export interface HeaderRule {
  readonly for: string;
  readonly values: Readonly<Record<string, string>>;
}

const DEFAULT_DIRECTORY = 'netlify/functions';
const text = z.string({ error: 'should be a string' });
const schema = z.looseObject({
  build: z.looseObject({ publish: text.default('.') }).default({ publish: '.' }),
  functions: z
    .looseObject({
      directory: text.default(DEFAULT_DIRECTORY),
      included_files: z.array(text, { error: 'should be a list of strings' }).default([]),
    })
    .default({ directory: DEFAULT_DIRECTORY, included_files: [] }),
  redirects: z.array(z.record(text, z.unknown())).default([]),
  headers: z
    .array(
      z.looseObject({
        for: text,
        values: z.record(
          text,
          z.union([text, z.array(text).transform((lines) => lines.join(', '))]),
        ),
      }),
    )
    .default([]),
});

export async function readSiteConfig(projectRoot: string): Promise<SiteConfig> {
  return parseSiteConfig(await readFile(join(projectRoot, 'netlify.toml'), 'utf8'));
}

/**
 * A site without `publish` serves the root of its repository, as Netlify does.
 * @throws Error naming the line, or the key that is missing or of another type
 */
export function parseSiteConfig(toml: string): SiteConfig {
  const parsed = schema.safeParse(tables(toml));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
    throw new Error(`netlify.toml: ${problems.join('; ')}`);
  }
  const { build, functions, redirects, headers } = parsed.data;
  return {
    publish: build.publish,
    functionsDirectory: functions.directory,
    includedFiles: functions.included_files,
    redirects,
    headers: headers.map(({ for: pattern, values }) => ({ for: pattern, values })),
  };
}

function tables(toml: string): unknown {
  try {
    return parse(toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new Error(`netlify.toml, line ${error.line}: ${error.message}`);
  }
}
