import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'datalake-sync-example-'));
afterAll(() => rm(folder, { recursive: true }));
await run(process.execPath, ['tools/build.mjs', folder]);
await copyFile('examples/sync-button.ts', join(folder, 'client/sync-button.ts'));

it('compiles with the two files of the site alone, in sixty lines at most', async () => {
  const options = { strict: true, noEmit: true, target: 'es2022', module: 'es2022', types: [] };
  const lib = ['es2022', 'dom', 'dom.iterable'];
  const config = { compilerOptions: { ...options, lib, moduleResolution: 'bundler' } };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder]);
  const lines = (await readFile('examples/sync-button.ts', 'utf8')).trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(60);
});
