import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

const left = new Set<string>();

/** A folder that is gone when it is removed, or at the latest when the process exits. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'datalake-lake-'));
  if (left.size === 0) process.once('exit', removeLeft);
  left.add(path);
  return {
    path,
    async remove() {
      left.delete(path);
      if (left.size === 0) process.off('exit', removeLeft);
      await rm(path, { recursive: true, force: true });
    },
  };
}

function removeLeft(): void {
  for (const path of left) rmSync(path, { recursive: true, force: true });
}
