import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startRuntime } from '../../dev/runtime/index.js';

const runtime = await startRuntime({ env: {} });
afterAll(() => runtime.close());

test('The page says what the site is and leads to its health', async () => {
  const response = await fetch(runtime.url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const page = await response.text();
  expect(page).toContain('<title>DataLake Sync Backend</title>');
  const link = /href="(\/api\/[^"]+)"/.exec(page)?.[1];
  expect((await fetch(runtime.url + link)).status).toBe(200);
});

const PRIVATE = [
  '/ION_Credentials/IONAPI_CREDENTIALS.ionapi',
  '/ION_Credentials/example.ionapi',
  '/ION_Credentials/README.md',
  '/package.json',
  '/package-lock.json',
  '/netlify.toml',
  '/.env',
  '/.env.example',
  '/.git/config',
  '/src/errors/codes.ts',
  '/node_modules/mongoose/package.json',
  '/..%2fpackage.json',
  '/%2e%2e/package.json',
  '/public/..%2f..%2fpackage.json',
];

test.each(PRIVATE)('%s is not served', async (path) => {
  expect((await fetch(runtime.url + path)).status).toBe(404);
});

describe('a site without publish in its netlify.toml', async () => {
  const root = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
  await mkdir(join(root, 'functions'));
  await writeFile(join(root, '.env'), 'SECRET=1');
  await writeFile(
    join(root, 'netlify.toml'),
    '[functions]\ndirectory = "functions"\n[[redirects]]\nfrom = "/api/*"\nto = "/x/:splat"\n',
  );
  const careless = await startRuntime({ env: {}, projectRoot: root });
  afterAll(async () => {
    await careless.close();
    await rm(root, { recursive: true });
  });

  test('serves its root, as Netlify does: the tests above would see it', async () => {
    expect((await fetch(`${careless.url}/.env`)).status).toBe(200);
  });
});
