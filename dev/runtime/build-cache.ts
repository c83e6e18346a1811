import { statSync } from 'node:fs';

interface Entry {
  readonly task: Promise<unknown>;
  /** Epoch milliseconds at which the build began. */
  readonly timestamp: number;
}

interface KeptBuild extends Entry {
  /** The function's own source files, known when it is built. */
  sources: readonly string[];
}

/**
 * The cache that functions-dev gives its builds, made to last. Its own forgets a build
 * when it ends, so that each call bundles the function anew: two seconds for one with
 * mongoose and axios. Here a build stands until one of its source files changes or it fails.
 *
 * It works by keeping the entry that functions-dev assigns, and not obeying when that
 * assigns `undefined` at the end. Should a later version do without it, calls get slower
 * and nothing else; a test would say so.
 */
export function lastingBuildCache(): Record<string, Entry | undefined> {
  const builds = new Map<PropertyKey, KeptBuild>();
  return new Proxy<Record<string, Entry | undefined>>(
    {},
    {
      get(_, key) {
        const build = builds.get(key);
        if (build?.sources.some((file) => changedSince(file, build.timestamp))) builds.delete(key);
        return builds.get(key);
      },
      set(_, key, entry: Entry | undefined) {
        if (!entry) return true;
        const build: KeptBuild = { ...entry, sources: [] };
        builds.set(key, build);
        entry.task.then(
          (result) => {
            build.sources = ownSources(result);
          },
          () => builds.delete(key),
        );
        return true;
      },
    },
  );
}

function ownSources(result: unknown): string[] {
  const inputs = result && typeof result === 'object' && 'inputs' in result ? result.inputs : [];
  if (!Array.isArray(inputs)) return [];
  return inputs.filter((file) => typeof file === 'string' && !file.includes('/node_modules/'));
}

function changedSince(file: string, timestamp: number): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return !stats || stats.mtimeMs > timestamp;
}
