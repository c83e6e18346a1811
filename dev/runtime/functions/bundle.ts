import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Message } from 'esbuild';
import type { Source } from './sources.js';

/** CommonJS packages call `require`, which a module does not have. */
const REQUIRE = `import { createRequire as createRequireHere } from 'node:module';
const require = createRequireHere(import.meta.url);`;

export interface Bundle {
  /** The module of each function. Its version changes with anything that it is made of. */
  readonly modules: ReadonlyMap<string, { readonly file: string; readonly version: string }>;
  /** Every file of ours that was read. */
  readonly inputs: readonly string[];
}

/** What keeps functions from being built. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed';

  /** @param files those that the errors are in */
  constructor(
    message: string,
    readonly files: readonly string[],
  ) {
    super(message);
  }
}

/**
 * Builds functions in one go, what they share once, packages included: one bundle of mongoose
 * takes less than its import from a hundred files in each of the threads.
 * @throws BuildFailed
 */
export async function bundle(
  sources: readonly Source[],
  { root, outdir, write = true }: { root: string; outdir: string; write?: boolean },
): Promise<Bundle> {
  if (sources.length === 0) return { modules: new Map(), inputs: [] };
  const entryPoints = sources.map(({ name, file }) => ({ in: file, out: name }));
  const { outputFiles, metafile } = await run({
    absWorkingDir: root,
    banner: { js: REQUIRE },
    bundle: true,
    entryPoints,
    format: 'esm',
    logLevel: 'silent',
    metafile: true,
    outExtension: { '.js': '.mjs' },
    outdir,
    platform: 'node',
    sourcemap: 'linked',
    sourcesContent: false,
    splitting: true,
    target: 'node20',
    write: false,
  });
  const modules = new Map<string, { file: string; version: string }>();
  for (const { path, contents } of outputFiles ?? []) {
    if (write) await mkdir(dirname(path), { recursive: true });
    if (write) await writeFile(path, contents);
    const source = sources.find(({ name }) => path === resolve(outdir, `${name}.mjs`));
    // Names of shared chunks hold their hash: an entry changes with whatever it imports.
    const version = createHash('sha256').update(contents).digest('hex');
    if (source) modules.set(source.name, { file: path, version });
  }
  const own = Object.keys(metafile?.inputs ?? {}).filter((file) => !/node_modules\//.test(file));
  return { modules, inputs: own.map((file) => resolve(root, file)) };
}

async function run(options: BuildOptions): Promise<BuildResult> {
  try {
    return await build(options);
  } catch (error) {
    const errors: readonly Message[] =
      error instanceof Error && 'errors' in error && Array.isArray(error.errors)
        ? error.errors
        : [];
    if (errors.length === 0) throw new BuildFailed(String(error), []);
    const files = errors.flatMap(({ location }) => (location ? [location.file] : []));
    const { absWorkingDir = '' } = options;
    throw new BuildFailed(
      errors.map(describe).join('\n'),
      files.map((file) => resolve(absWorkingDir, file)),
    );
  }
}

function describe({ text, location }: Message): string {
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}
