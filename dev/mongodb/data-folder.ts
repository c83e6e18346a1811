import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder {
  readonly path: string;
  /** Whether the folder goes with the server. */
  readonly temporary: boolean;
  /** Removes a temporary folder. Synchronous, so that an exit handler can call it. */
  discard(): void;
}

export async function dataFolder(storagePath: string | undefined): Promise<DataFolder> {
  if (storagePath !== undefined) {
    await mkdir(storagePath, { recursive: true });
    return { path: storagePath, temporary: false, discard() {} };
  }
  const path = await mkdtemp(join(tmpdir(), 'datalake-sync-mongodb-'));
  return {
    path,
    temporary: true,
    discard: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
