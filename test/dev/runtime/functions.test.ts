import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Functions } from '../../../dev/runtime/functions/functions.js';
import { TIMEOUTS } from '../../../dev/runtime/functions/limits.js';
import { openFunctions } from '../../../dev/runtime/functions/open.js';

const root = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
const directory = join(root, 'functions');
const lines: string[] = [];
let functions: Functions;

beforeAll(async () => {
  await mkdir(join(directory, 'folder'), { recursive: true });
  await write('shared.mts', `export const word = 'first';`, root);
  await write('words.mts', answering(`import { word } from '../shared.mjs';`, 'word'));
  await write('other.mts', answering('', `'other'`));
  await write('folder/index.js', answering('', `'in a folder'`));
  await write('types.d.ts', 'export type Word = string;');
  functions = await openFunctions({
    projectRoot: root,
    functionsDirectory: directory,
    buildFolder: join(root, 'built'),
    siteUrl: 'http://127.0.0.1',
    timeouts: TIMEOUTS,
    rerunPausesMs: [],
    log: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await functions.close();
  await rm(root, { recursive: true });
});

const write = (file: string, text: string, folder = directory): Promise<void> =>
  writeFile(join(folder, file), text);

/** A function that counts its calls beside what it says. */
function answering(head: string, value: string): string {
  return `${head}
    let calls = 0;
    export default async () => Response.json([${value}, ++calls]);`;
}

async function call(name: string): Promise<unknown> {
  const url = new URL(`http://127.0.0.1/.netlify/functions/${name}`);
  const { status, body } = await functions.call(name, {
    ...{ url, method: 'GET', headers: [], body: undefined, ip: '127.0.0.1', requestId: 'test' },
  });
  const answer: unknown = JSON.parse(new TextDecoder().decode(body));
  return status === 200 ? answer : { status, ...Object(answer) };
}

test('A file is a function, and so is a folder with one; types are none', async () => {
  expect(await call('folder')).toEqual(['in a folder', 1]);
  expect(await call('types')).toMatchObject({ status: 404 });
});

describe('when a source changes', () => {
  test('the functions that it is part of start again, and the others go on', async () => {
    expect(await call('words')).toEqual(['first', 1]);
    expect(await call('words')).toEqual(['first', 2]);
    expect(await call('other')).toEqual(['other', 1]);
    await write('shared.mts', `export const word = 'second';`, root);
    await expect.poll(() => call('words')).toEqual(['second', 1]);
    expect(await call('other')).toEqual(['other', 2]);
  });

  test('one that is added is there, and one that is removed is not', async () => {
    await write('added.ts', answering('', `'added'`));
    await expect.poll(() => call('added')).toEqual(['added', expect.any(Number)]);
    await rm(join(directory, 'added.ts'));
    await expect.poll(() => call('added')).toMatchObject({ status: 404 });
  });

  test('an error is shown and answered, and is over when it is mended', async () => {
    await write('words.mts', 'export default async () => {');
    const where = expect.stringContaining('functions/words.mts:1:29: ');
    await expect
      .poll(() => call('words'))
      .toMatchObject({ status: 500, code: 'BUILD_FAILED', error: where });
    expect(lines.join('\n')).toContain('functions/words.mts:1:29: Unexpected end of file');
    expect(await call('other')).toEqual(['other', expect.any(Number)]);
    await write('words.mts', answering('', `'mended'`));
    await expect.poll(() => call('words')).toEqual(['mended', 1]);
  });

  test('a module that is missing is answered with where it was looked for', async () => {
    await write('words.mts', answering(`import { word } from './nowhere.mjs';`, 'word'));
    await expect
      .poll(() => call('words'))
      .toMatchObject({
        code: 'BUILD_FAILED',
        error: expect.stringContaining('Could not resolve "./nowhere.mjs"'),
      });
    await write('nowhere.mts', `export const word = 'found';`);
    await expect.poll(() => call('words')).toEqual(['found', 1]);
  });

  test('one that throws at its import is answered with why, until it is mended', async () => {
    await write('words.mts', `throw new Error('at the import');`);
    await expect
      .poll(() => call('words'))
      .toMatchObject({
        status: 502,
        error: expect.stringContaining('at the import'),
      });
    await write('words.mts', answering('', `'well'`));
    await expect.poll(() => call('words')).toEqual(['well', 1]);
  });
});
