import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LAKE = fileURLToPath(new URL('../dev/lake/main.ts', import.meta.url));

export interface LakeProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The stand-in lake in a process of its own, as the real one is on a machine of its own.
 * @param indexBatch rows that share an index time, about
 */
export async function startLakeProcess(rows: number, indexBatch = 1): Promise<LakeProcess> {
  const options = ['--port', '0', '--rows', String(rows), '--index-batch', String(indexBatch)];
  const child = spawn(process.execPath, [...process.execArgv, LAKE, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = once(child, 'exit');
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Lake at (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    // What else it prints is for people, but an unread pipe would stop it.
    child.stdout.resume();
    return {
      url,
      async stop() {
        process.removeListener('exit', kill);
        child.kill('SIGTERM');
        await end;
      },
    };
  }
  throw new Error('The lake did not start.');
}
