import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Builder } from './builder.js';
import { Functions, type FunctionsOptions } from './functions.js';

const THREAD = fileURLToPath(new URL('thread.ts', import.meta.url));

export interface OpenOptions extends Omit<FunctionsOptions, 'builder' | 'thread'> {
  readonly projectRoot: string;
  readonly functionsDirectory: string;
  /** Where built functions go; never in the checkout. */
  readonly buildFolder: string;
}

/** Begins to build a folder's functions; calls wait for it. */
export async function openFunctions(options: OpenOptions): Promise<Functions> {
  const { projectRoot: root, functionsDirectory: directory, buildFolder, log } = options;
  const outfile = join(buildFolder, 'thread.mjs');
  await build({
    bundle: true,
    entryPoints: [THREAD],
    format: 'esm',
    outfile,
    platform: 'node',
    target: 'node20',
  });
  const builder = new Builder({ root, directory, outdir: join(buildFolder, 'functions'), log });
  builder.current().catch((error: unknown) => log(`The functions cannot be built: ${error}`));
  return new Functions({ ...options, builder, thread: outfile });
}
