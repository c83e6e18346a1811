import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { VERSION } from '../src/version.js';

it('package.json, the changelog and health name the same version', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const [, latest] =
    /^## (\S+) \(\d{4}-\d{2}-\d{2}\)$/m.exec(await readFile('CHANGELOG.md', 'utf8')) ?? [];
  expect({ version, latest }).toEqual({ version: VERSION, latest: VERSION });
});
