import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Netlify's runtime builds twelve functions, 2 to 3 s each where nothing else runs. */
const LIMIT_MS = 240_000;
const TABLES = ['taskdetail', 'receipt', 'receiptdetail', 'orders', 'orderdetail'];

const temporary = mkdtempSync(join(tmpdir(), 'datalake-test-demo-'));
afterAll(() => rmSync(temporary, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Runs the demo in a group of processes and a temporary folder of its own. */
async function runDemo(
  args: readonly string[],
  onText: (text: string, child: ChildProcess) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'dev/demo.ts', ...args], {
    cwd: PROJECT,
    detached: true,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
      onText(text, child);
    });
  }
  const [code] = await once(child, 'close');
  await expect.poll(() => membersOf(child.pid)).toEqual([]);
  expect(readdirSync(temporary).filter((name) => name.startsWith('datalake'))).toEqual([]);
  return { code, text };
}

/** What still runs of a process group; what has ended and nobody has asked about does not. */
function membersOf(group: number | undefined): string[] {
  const all = execFileSync('ps', ['-eo', 'pgid=,stat=,args='], { encoding: 'utf8' });
  const members = all.split('\n').map((line) => line.trim().split(/\s+/));
  return members
    .filter(([pgid, state]) => pgid === String(group) && !state?.startsWith('Z'))
    .map((words) => words.join(' '));
}

it(
  'goes the whole way, finds both sides equal, and leaves nothing behind',
  async () => {
    const { code, text } = await runDemo(['--rows', '500']);
    expect(text).not.toContain('✗');
    expect(code, text).toBe(0);
    for (const name of [...TABLES, 'all']) {
      // Once for each of the two syncs.
      expect(text.match(new RegExp(`^${name} +\\d.* yes$`, 'gm')), name).toHaveLength(2);
    }
    const [, changed, moved] =
      /(\d+) rows had changed in the lake, and (\d+) moved/.exec(text) ?? [];
    expect(Number(moved)).toBeGreaterThan(0);
    expect(moved).toBe(changed);
    expect(text).toContain('both sides are equal, and every row read is accounted for');
  },
  LIMIT_MS,
);

it(
  'ends by Ctrl-C, and leaves nothing behind',
  async () => {
    let isStopped = false;
    const { code, text } = await runDemo(['--rows', '500'], (soFar, { pid }) => {
      if (isStopped || pid === undefined || !soFar.includes("Netlify's runtime")) return;
      isStopped = true;
      // As a terminal does: to every process of the group.
      process.kill(-pid, 'SIGINT');
    });
    expect(text).toContain('Stopped.');
    expect(code).toBe(130);
  },
  LIMIT_MS,
);

it('refuses an argument that it does not know', async () => {
  const { code, text } = await runDemo(['--rows', 'many']);
  expect(text).toContain('--rows takes a whole number');
  expect(code).toBe(1);
});
