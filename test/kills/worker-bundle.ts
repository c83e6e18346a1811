import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SCRIPT = fileURLToPath(new URL('worker-process.ts', import.meta.url));

export interface WorkerBundle {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * The worker's script with all that it imports in one file: a process of it starts in a quarter of
 * the time that the sources take, and the kill tests start hundreds.
 */
export async function bundleWorker(): Promise<WorkerBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'datalake-sync-worker-'));
  const path = join(folder, 'worker.cjs');
  const options = { bundle: true, platform: 'node', format: 'cjs', target: 'node20' } as const;
  await build({ entryPoints: [SCRIPT], outfile: path, logLevel: 'error', ...options });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
