import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram, isExecutable } from './find-program.js';
import { withFolderLock } from './folder-lock.js';

export const CRATE = 'secantus-mdb';
export const VERSION = '0.5.3-beta.196';

const PROGRESS_MS = 10_000;

/**
 * Builds the server into `root`, once for however many processes ask at the same time.
 * @throws Error where there is no cargo or the build fails.
 */
export async function buildSecantus(
  root: string,
  program: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<void> {
  const cargo = await findProgram('cargo', env);
  if (!cargo)
    throw new Error('it is neither on the PATH nor in the cache folder, and there is no cargo');
  await mkdir(dirname(root), { recursive: true });
  await withFolderLock(`${root}.lock`, log, async () => {
    if (await isExecutable(program)) return;
    // Built beside and renamed: a folder under the final name is always a whole build.
    const unfinished = `${root}.building-${process.pid}`;
    try {
      log(`Building ${CRATE} ${VERSION} once, into ${root}; this takes about 4 minutes …`);
      await runCargo(cargo, unfinished, env, log);
      await rm(root, { recursive: true, force: true });
      await rename(unfinished, root);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  });
}

async function runCargo(
  cargo: string,
  root: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<void> {
  const args = ['install', CRATE, '--version', VERSION, '--ignore-rust-version', '--root', root];
  const child = spawn(cargo, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = once(child, 'exit');
  const lines: string[] = [];
  let compiled = 0;
  let shownAt = Date.now();
  for await (const line of createInterface(child.stderr)) {
    lines.push(line);
    if (line.trimStart().startsWith('Compiling')) compiled++;
    if (Date.now() - shownAt < PROGRESS_MS) continue;
    shownAt = Date.now();
    log(`  ${compiled} crates so far: ${line.trim()}`);
  }
  const [status] = await exit;
  if (status === 0) return;
  for (const line of lines.slice(-20)) log(`  ${line}`);
  const reason = lines.find((line) => line.startsWith('error')) ?? `cargo ended with ${status}`;
  throw new Error(`cargo could not build it: ${reason}`);
}
