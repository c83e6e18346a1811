import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the local runtime and the bundling test follow of netlify.toml, so that neither can drift from it. */
export interface SiteConfig {
  readonly publish: string;
  readonly functionsDirectory: string;
  readonly includedFiles: readonly string[];
  /** `from` ends in `/*`; what the star matches replaces `:splat` in `to`. */
  readonly redirect: { readonly from: string; readonly to: string };
}

export async function readSiteConfig(projectRoot: string): Promise<SiteConfig> {
  return parseSiteConfig(await readFile(join(projectRoot, 'netlify.toml'), 'utf8'));
}

/**
 * Reads the few keys of ours, each on a line of its own; it is no TOML parser.
 * A site without `publish` serves the root of its repository, as Netlify does.
 * @throws Error naming a key that is missing or of another type.
 */
export function parseSiteConfig(toml: string): SiteConfig {
  const values = readValues(toml);
  const text = (key: string): string => {
    const value = values.get(key);
    if (typeof value !== 'string') throw new Error(`netlify.toml: ${key} should be a string.`);
    return value;
  };
  const includedFiles = values.get('functions.included_files') ?? [];
  if (!isTexts(includedFiles)) {
    throw new Error('netlify.toml: functions.included_files should be a list of strings.');
  }
  return {
    publish: values.has('build.publish') ? text('build.publish') : '.',
    functionsDirectory: text('functions.directory'),
    includedFiles,
    redirect: { from: text('redirects.from'), to: text('redirects.to') },
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** `section.key` → value; the values used here are written in TOML as they are in JSON. */
function readValues(toml: string): Map<string, unknown> {
  const values = new Map<string, unknown>();
  let section = '';
  for (const line of toml.split('\n')) {
    const heading = /^\[+([\w.]+)\]+\s*$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const pair = /^(\w+)\s*=\s*(.+)$/.exec(line);
    if (pair?.[1] && pair[2]) values.set(`${section}.${pair[1]}`, JSON.parse(pair[2]));
  }
  return values;
}
