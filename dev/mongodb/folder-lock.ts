import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 500;

/**
 * Runs `work` while this process alone holds `folder`: making a folder either succeeds or
 * finds it taken. A lock whose holder has died is taken over.
 */
export async function withFolderLock(
  folder: string,
  log: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  let waiting = false;
  while (!(await take(folder))) {
    if (await isAbandoned(folder)) {
      await rm(folder, { recursive: true, force: true });
      continue;
    }
    if (!waiting) log(`Waiting for another process that holds ${folder} …`);
    waiting = true;
    await delay(POLL_MS);
  }
  try {
    await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function take(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(folder, 'pid'), `${process.pid}`);
  return true;
}

async function isAbandoned(folder: string): Promise<boolean> {
  const holder = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => ''));
  // No pid yet: its holder made the folder a moment ago.
  if (!holder) return false;
  try {
    process.kill(holder, 0);
    return false;
  } catch {
    return true;
  }
}
