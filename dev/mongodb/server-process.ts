import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataFolder } from './data-folder.js';
import { findProgram } from './find-program.js';
import { onExit } from './on-exit.js';

const STOP_MS = 10_000;
const OUTPUT_KEPT = 200_000;
const OUTPUT_SHOWN = 2_000;

export interface ServerProcess {
  readonly pid: number;
  /**
   * The first match of `pattern` in what the program prints.
   * @throws Error with the program's last output if it ends first or `timeoutMs` pass.
   */
  seen(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** SIGTERM, then SIGKILL; removes a temporary data folder. */
  stop(): Promise<void>;
  /** SIGKILL; the data folder stays. */
  kill(): Promise<void>;
}

/**
 * Runs a database server that ends with this process, however that ends: by the exit
 * handlers, and on Linux also by SIGKILL, where the kernel tells the child.
 */
export async function startProcess(
  program: string,
  args: readonly string[],
  folder: DataFolder,
): Promise<ServerProcess> {
  const setpriv =
    process.platform === 'linux' ? await findProgram('setpriv', process.env) : undefined;
  // setpriv replaces itself by the program: the pid is the server's own.
  const child = setpriv
    ? spawn(setpriv, ['--pdeathsig', 'TERM', '--', program, ...args])
    : spawn(program, args);
  const ended = once(child, 'exit').catch(() => undefined);

  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);

  const forget = onExit(() => {
    // Data that is thrown away need not be closed in order; data that stays must be.
    child.kill(folder.temporary ? 'SIGKILL' : 'SIGTERM');
    folder.discard();
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (): Promise<void> => {
    await ended;
    forget();
  };

  try {
    await once(child, 'spawn');
  } catch (cause) {
    forget();
    folder.discard();
    throw new Error(`${program} could not be run.`, { cause });
  }
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} runs without a process id.`);

  return {
    pid,
    async seen(pattern, timeoutMs) {
      const until = Date.now() + timeoutMs;
      for (;;) {
        const match = pattern.exec(output);
        if (match) return match;
        if (!isRunning())
          throw new Error(`${program} ended at once: ${output.slice(-OUTPUT_SHOWN)}`);
        if (Date.now() > until)
          throw new Error(`${program} is not up in time: ${output.slice(-OUTPUT_SHOWN)}`);
        await delay(20);
      }
    },
    async stop() {
      if (isRunning()) child.kill('SIGTERM');
      const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await end();
      clearTimeout(overdue);
      folder.discard();
    },
    async kill() {
      child.kill('SIGKILL');
      await end();
    },
  };
}
