import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { withFolderLock } from '../../../dev/mongodb/folder-lock.js';

const scratch = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
afterAll(() => rm(scratch, { recursive: true }));

test('Two holders of one lock work one after the other', async () => {
  const lock = join(scratch, 'shared.lock');
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await delay(50);
    seen.push(`${name} ends`);
  };
  const said: string[] = [];
  const first = withFolderLock(lock, () => {}, work('first'));
  await delay(10);
  await withFolderLock(lock, (line) => said.push(line), work('second'));
  await first;
  expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  expect(said).toHaveLength(1);
});

test('A lock whose holder has died is taken over', async () => {
  const lock = join(scratch, 'stale.lock');
  await mkdir(lock);
  await writeFile(join(lock, 'pid'), `${2 ** 22 + 1}`);
  let worked = false;
  await withFolderLock(
    lock,
    () => {},
    async () => {
      worked = true;
    },
  );
  expect(worked).toBe(true);
});

test('The lock goes when the work fails', async () => {
  const lock = join(scratch, 'failed.lock');
  const failing = withFolderLock(
    lock,
    () => {},
    () => Promise.reject(new Error('no compiler')),
  );
  await expect(failing).rejects.toThrow('no compiler');
  expect(existsSync(lock)).toBe(false);
});
