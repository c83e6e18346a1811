import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';

/** A function's name, and the file that it starts in. */
export interface Source {
  readonly name: string;
  readonly file: string;
}

const EXTENSIONS = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);
const NAME = /^[\w-]+$/;

/** The functions of a folder by the platform's rule: `NAME.ts`, `NAME/NAME.ts` or `NAME/index.ts`. */
export function listSources(directory: string): Source[] {
  const entries = entriesOf(directory);
  const found = new Map<string, Source>();
  for (const entry of entries) {
    const file = entry.isDirectory() ? mainFile(directory, entry.name) : sourceFile(entry.name);
    const name = entry.isDirectory() ? entry.name : parse(entry.name).name;
    if (file !== undefined && NAME.test(name))
      found.set(name, { name, file: join(directory, file) });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function mainFile(directory: string, name: string): string | undefined {
  for (const { name: file } of entriesOf(join(directory, name))) {
    const isMain = [name, 'index'].includes(parse(file).name);
    if (isMain && sourceFile(file) !== undefined) return join(name, file);
  }
  return undefined;
}

function sourceFile(file: string): string | undefined {
  return EXTENSIONS.has(parse(file).ext) && !file.endsWith('.d.ts') ? file : undefined;
}

/** Tells whether one of some files has been changed, added or removed. */
export class SourceWatch {
  readonly #before: string;
  readonly #isOutdated: boolean;

  /** @param since when the files were read, in epoch milliseconds: what changed later has changed */
  constructor(
    readonly files: readonly string[],
    readonly directory: string,
    since: number,
  ) {
    this.#before = this.#state();
    const now = Date.now();
    this.#isOutdated = files.some((file) => {
      const changedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      return changedAt >= since && changedAt <= now;
    });
  }

  hasChanged(): boolean {
    return this.#isOutdated || this.#state() !== this.#before;
  }

  #state(): string {
    const states = this.files.map((file) => {
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats ? `${stats.mtimeMs} ${stats.size}` : 'none';
    });
    const names = listSources(this.directory).map(({ file }) => file);
    return [...states, ...names].join('\n');
  }
}
