import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildSecantus } from '../../../dev/mongodb/secantus-build.js';

let scratch: string;
let root: string;
let said: string[];
const log = (line: string): void => void said.push(line);

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
  root = join(scratch, 'cache/server');
  said = [];
});
afterEach(() => rm(scratch, { recursive: true }));

/** A program of cargo's name: notes its arguments, takes a moment, then does as `ending` says. */
async function fakeCargo(ending: string): Promise<{ PATH: string }> {
  const script = `#!/bin/sh
    for root in "$@"; do :; done
    echo "$@" >> ${scratch}/calls
    echo "   Compiling something v1.0.0" >&2
    sleep 0.3
    ${ending}`;
  await writeFile(join(scratch, 'cargo'), script);
  await chmod(join(scratch, 'cargo'), 0o755);
  return { PATH: `${scratch}:/usr/bin:/bin` };
}
const program = (): string => join(root, 'bin/secantusd-rs');
const calls = (): string[] => readFileSync(join(scratch, 'calls'), 'utf8').trim().split('\n');

test('Two that need it at once build it once', async () => {
  const env = await fakeCargo(
    'mkdir -p "$root/bin"; echo ok > "$root/bin/secantusd-rs"; chmod +x "$root/bin/secantusd-rs"',
  );
  await Promise.all([1, 2].map(() => buildSecantus(root, program(), env, log)));
  expect(existsSync(program())).toBe(true);
  expect(calls()).toEqual([
    expect.stringMatching(/^install secantus-mdb --version \S+ --ignore-rust-version --root /),
  ]);
  expect(said.join('\n')).toContain('takes about 4 minutes');
  expect(readdirSync(join(scratch, 'cache'))).toEqual(['server']);
});

test('A build that fails leaves nothing behind, and its error says why', async () => {
  const env = await fakeCargo('echo "error: no cmake" >&2; exit 101');
  await expect(buildSecantus(root, program(), env, log)).rejects.toThrow(
    'cargo could not build it: error: no cmake',
  );
  expect(readdirSync(join(scratch, 'cache'))).toEqual([]);
});

test('Without cargo it says so at once', async () => {
  await expect(buildSecantus(root, program(), { PATH: scratch }, log)).rejects.toThrow(
    'there is no cargo',
  );
});
