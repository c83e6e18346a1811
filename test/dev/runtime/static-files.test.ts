import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { staticFile } from '../../../dev/runtime/static-files.js';

const root = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
afterAll(() => rm(root, { recursive: true }));
await mkdir(join(root, 'public/docs'), { recursive: true });
await writeFile(join(root, 'secret.txt'), 'secret');
await writeFile(join(root, 'public/index.html'), 'home');
await writeFile(join(root, 'public/docs/index.html'), 'docs');
await writeFile(join(root, 'public/about us.html'), 'about');

const get = async (pathname: string): Promise<[number, string]> => {
  const { status, body } = await staticFile(join(root, 'public'), pathname);
  return [status, new TextDecoder().decode(body)];
};

test.each([
  ['/', 'home'],
  ['/index.html', 'home'],
  ['/docs', 'docs'],
  ['/docs/', 'docs'],
  ['/about%20us', 'about'],
])('%s is a page', async (pathname, text) => {
  expect(await get(pathname)).toEqual([200, text]);
});

test.each([
  '/secret.txt',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/%00',
  '/%',
])('%s is nothing', async (pathname) => {
  expect(await get(pathname)).toEqual([404, 'Not Found\n']);
});
