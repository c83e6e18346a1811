import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly text: string;
}

export interface ScriptOptions {
  /** Once the script has printed this, it gets a Ctrl-C. */
  readonly stopAfter?: string;
  /** Done before that, with what the script has printed. */
  readonly meanwhile?: (text: string) => Promise<void>;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a script of `dev/` in a group of processes and a temporary folder of its own, and
 * asserts that both are empty when it has ended.
 */
export async function runScript(
  script: string,
  args: readonly string[],
  { stopAfter, meanwhile, env = {} }: ScriptOptions = {},
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'datalake-test-scripts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const child = spawn(process.execPath, ['--import', 'tsx', `dev/${script}`, ...args], {
    cwd: PROJECT,
    detached: true,
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let isStopped = false;
  let done: Promise<void> | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
      if (isStopped || stopAfter === undefined || !text.includes(stopAfter)) return;
      isStopped = true;
      done = (meanwhile?.(text) ?? Promise.resolve()).finally(() => {
        // As a terminal does: to every process of the group.
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      });
      // It is awaited when the script has ended.
      done.catch(() => {});
    });
  }
  const [code] = await once(child, 'close');
  await done;
  await expect.poll(() => membersOf(child.pid)).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.startsWith('datalake'))).toEqual([]);
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
