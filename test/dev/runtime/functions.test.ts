import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openFunctions } from '../../../dev/runtime/functions.js';

const root = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
afterAll(() => rm(root, { recursive: true }));

test('A function is built once, and again when its source changes', async () => {
  const source = join(root, 'functions/words.mts');
  const answering = (word: string) => `export default async () => new Response('${word}');`;
  await mkdir(join(root, 'functions'));
  await writeFile(source, answering('first'));
  const functions = await openFunctions({
    projectRoot: root,
    functionsDirectory: join(root, 'functions'),
    includedFiles: [],
    buildFolder: join(root, 'built'),
    timeouts: { synchronous: 10, background: 10 },
  });
  const call = async (): Promise<string> => {
    const request = new Request('http://127.0.0.1/.netlify/functions/words');
    const { answer } = await functions.invoke('words', request);
    return new TextDecoder().decode(answer.body);
  };
  const builtAt = async (): Promise<number> =>
    (await stat(join(root, 'built/words/___netlify-entry-point.mjs'))).mtimeMs;

  expect(await call()).toBe('first');
  const first = await builtAt();
  expect(await call()).toBe('first');
  expect(await builtAt()).toBe(first);

  await writeFile(source, answering('second'));
  expect(await call()).toBe('second');
});
