import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { notFound, staticFile } from '../../../dev/runtime/site/static-files.js';

const root = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
afterAll(() => rm(root, { recursive: true }));
await mkdir(join(root, 'public/docs'), { recursive: true });
await writeFile(join(root, 'secret.txt'), 'secret');
await writeFile(join(root, 'public/index.html'), 'home');
await writeFile(join(root, 'public/docs/index.html'), 'docs');
await writeFile(join(root, 'public/about us.html'), 'about');
await writeFile(join(root, 'public/_redirects'), '/a /b\n');
await writeFile(join(root, 'public/data.json'), '{}');
await symlink(join(root, 'secret.txt'), join(root, 'public/link-to-secret.txt'));
await symlink(root, join(root, 'public/link-to-root'));
await symlink(join(root, 'public/docs'), join(root, 'public/link-inside'));

const get = async (pathname: string): Promise<[number, string]> => {
  const folder = join(root, 'public');
  const { status, body } = (await staticFile(folder, pathname)) ?? (await notFound(folder));
  return [status, new TextDecoder().decode(body)];
};

test.each([
  ['/', 'home'],
  ['/index.html', 'home'],
  ['/docs', 'docs'],
  ['/docs/', 'docs'],
  ['/about%20us', 'about'],
  ['/link-inside', 'docs'],
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
  '/link-to-secret.txt',
  '/link-to-root/secret.txt',
  '/_redirects',
])('%s is nothing', async (pathname) => {
  expect(await get(pathname)).toEqual([404, 'Not Found\n']);
});

test.each([
  ['/', 'text/html; charset=utf-8'],
  ['/data.json', 'application/json; charset=utf-8'],
])('%s is sent as %s', async (pathname, type) => {
  const answer = await staticFile(join(root, 'public'), pathname);
  expect(answer?.headers).toEqual([['content-type', type]]);
});

test('A page of the site says what is not there', async () => {
  await mkdir(join(root, 'own'));
  await writeFile(join(root, 'own/404.html'), 'lost');
  const { status, body } = await notFound(join(root, 'own'));
  expect([status, new TextDecoder().decode(body)]).toEqual([404, 'lost']);
});
