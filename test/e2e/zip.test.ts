import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { buildFunctions, callBuilt, DECOYS } from '../support/built-functions.js';
import { IS_LONG } from '../support/tier.js';

/** One that needs nothing, and one of MongoDB, the lake and the clock; each takes some seconds. */
const ONE_OF_EACH_KIND = ['health', 'scheduled-sync'];
const { functions, siteFiles, remove } = await buildFunctions(
  IS_LONG ? undefined : ONE_OF_EACH_KIND,
);
afterAll(remove);

test('There are functions of each kind', () => {
  expect(functions.map(({ name }) => name)).toEqual(expect.arrayContaining(ONE_OF_EACH_KIND));
});

test('The build needs production dependencies only, and makes client and console for the site', () => {
  expect([...siteFiles.keys()].sort()).toEqual([
    'client/datalake-sync.d.ts',
    'client/datalake-sync.js',
    'console/console.js',
    'console/style.css',
  ]);
  const script = siteFiles.get('client/datalake-sync.js') ?? Buffer.alloc(0);
  expect(gzipSync(script).length).toBeLessThan(5_000);
  const ofConsole = [...siteFiles].filter(([name]) => name.startsWith('console/'));
  const sizes = ofConsole.map(([, content]) => gzipSync(content).length);
  // With the page itself, half a kilobyte, 40 of them.
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(39.5 * 1024);
  expect(siteFiles.get('client/datalake-sync.d.ts')?.toString()).not.toMatch(/^\s*import /m);
});

describe.each(functions)('the archive of $name', (built) => {
  const isBackground = built.name.endsWith('-background');
  const asTheClock = { method: 'POST', body: JSON.stringify({ next_run: '2026-01-01T00:00:00Z' }) };

  test('starts and answers in a fresh process without any setting', async () => {
    const request = built.schedule || isBackground ? asTheClock : {};
    const { status, body } = await callBuilt(built, request, {});
    if (built.name === 'health') expect(status).toBe(200);
    // Without settings an endpoint refuses, with a code of the catalogue: that is its job.
    else expect(status).not.toBe(500);
    if (body) expect(JSON.parse(body)).not.toHaveProperty('code', 'INTERNAL');
  });

  test('holds no credentials', () => {
    const secrets: readonly string[] = DECOYS;
    expect(built.files.filter((file) => secrets.includes(file))).toEqual([]);
  });

  test('holds no development dependency', () => {
    const tools = /^node_modules\/(@duckdb|esbuild|vitest|tsx|typescript|mongodb-memory-server)/;
    expect(built.files.filter((file) => tools.test(file))).toEqual([]);
    expect(built.zipBytes).toBeLessThan(2_500_000);
  });
});

describe('without mongoose and axios in its archive', () => {
  const start = async (name: string) => {
    const built = functions.find((one) => one.name === name);
    if (!built) throw new Error(`There is no function ${name}.`);
    const packages = ['mongoose', 'axios'].map((one) => join(built.folder, 'node_modules', one));
    for (const folder of packages) await rename(folder, `${folder}.away`);
    try {
      return await callBuilt(built, {}, {});
    } finally {
      for (const folder of packages) await rename(`${folder}.away`, folder);
    }
  };

  test('health answers, since it imports neither', async () => {
    expect(await start('health')).toMatchObject({ status: 200 });
  });

  test('a function that reads the database does not', async () => {
    await expect(start('scheduled-sync')).rejects.toThrow(
      /Cannot find (module|package) 'mongoose'/,
    );
  });
});
