import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StartOptions } from '../../../dev/mongodb/candidate.js';
import { memoryServerWith } from '../../../dev/mongodb/memory-server.js';

let cache: string;
let options: StartOptions;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
  const env = { XDG_CACHE_HOME: cache };
  options = { syncOnCommit: false, port: 0, storagePath: undefined, env, log: () => {} };
});
afterEach(() => rm(cache, { recursive: true }));

const refused = () => ({
  locate: async () => undefined,
  fetch: vi.fn(() => Promise.reject(new Error('ENOTFOUND fastdl.mongodb.org\nmore'))),
});

test('A refused download is a reason to go on, not an error', async () => {
  expect(await memoryServerWith(refused()).attempt(options)).toEqual({
    absent: "mongodb-memory-server's download was refused: ENOTFOUND fastdl.mongodb.org more",
  });
});

test('A refusal is remembered, so that the next start does not wait for it again', async () => {
  await memoryServerWith(refused()).attempt(options);
  const second = refused();
  const attempt = await memoryServerWith(second).attempt(options);
  expect(second.fetch).not.toHaveBeenCalled();
  expect(attempt).toEqual({ absent: expect.stringContaining('was refused: ENOTFOUND') });
});

test('A refusal of more than a day ago is tried again', async () => {
  await memoryServerWith(refused()).attempt(options);
  const dayAgo = Date.now() / 1000 - 25 * 3600;
  await utimes(join(cache, 'datalake-sync/mongodb-download-refused.txt'), dayAgo, dayAgo);
  const later = refused();
  await memoryServerWith(later).attempt(options);
  expect(later.fetch).toHaveBeenCalledOnce();
});
