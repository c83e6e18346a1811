/**
 * Netlify's platform on 127.0.0.1, as far as this project uses it, in a process of its own:
 *
 *     const runtime = await startRuntime({ env: { MONGODB_URI: uri } });
 *     await fetch(`${runtime.url}/api/health`);
 *     await runtime.close();
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { RERUN_PAUSES_MS } from './functions/background.js';
import { TIMEOUTS, type Timeouts } from './functions/limits.js';
import type { HostMessage, HostOptions, TickRequest } from './messages.js';

const HOST = fileURLToPath(new URL('host.mjs', import.meta.url));
const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What `netlify dev` and Netlify's other local runtime say of themselves. */
const LOCAL = { NETLIFY_DEV: 'true', NETLIFY_LOCAL: 'true', CONTEXT: 'dev' };
/** What programs need of the machine; all else that functions see is given. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'XDG_CACHE_HOME'];
const CLOSE_MS = 5_000;

export interface RuntimeOptions {
  /** The functions' environment, complete but for what says that they run locally and what any program needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Default: the one of netlify.toml. */
  readonly functionsDirectory?: string;
  /** Where netlify.toml is. Default: this checkout. */
  readonly projectRoot?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Requests whose host is not this machine are refused, as a page elsewhere could send them. */
  readonly ownHostsOnly?: boolean;
  /** What functions print, and what fails, a line at a time. */
  readonly log?: (line: string) => void;
  /** Pauses before a failed background function is run again. Default: a minute, two minutes. */
  readonly rerunPausesMs?: readonly number[];
  readonly timeouts?: Partial<Timeouts>;
}

export interface Runtime {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /**
   * Runs a scheduled function as the platform's clock does, and gives its answer.
   * @throws Error if it is no scheduled function.
   */
  invokeScheduled(name: string): Promise<Response>;
  /** Of the process that all functions run in. */
  readonly pid: number;
  /** Resolves when the process has ended, closed or not. */
  readonly ended: Promise<unknown>;
  /** Ends the server and every function that runs, and removes all files. */
  close(): Promise<void>;
}

/** @throws Error if netlify.toml or the functions cannot be read, or the port is taken. */
export async function startRuntime({
  env,
  functionsDirectory,
  projectRoot = PROJECT_ROOT,
  port = 0,
  ownHostsOnly = false,
  log = () => {},
  rerunPausesMs = RERUN_PAUSES_MS,
  timeouts,
}: RuntimeOptions): Promise<Runtime> {
  const buildFolder = await mkdtemp(join(tmpdir(), 'datalake-sync-functions-'));
  const options: HostOptions = {
    ...{ projectRoot, functionsDirectory, buildFolder, port, ownHostsOnly, rerunPausesMs },
    timeouts: { ...TIMEOUTS, ...timeouts },
  };
  const child = fork(HOST, [JSON.stringify(options)], {
    cwd: projectRoot,
    env: { ...inherited(), ...env, ...LOCAL },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit');
  logLines(child.stdout, log);
  logLines(child.stderr, log);

  async function close(): Promise<void> {
    if (child.connected) child.disconnect();
    const overdue = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    await ended;
    clearTimeout(overdue);
    await rm(buildFolder, { recursive: true, force: true });
  }

  try {
    const url = `http://127.0.0.1:${await listeningPort(child)}`;
    const { pid = 0 } = child;
    return { url, pid, close, ended, invokeScheduled: ticker(child) };
  } catch (error) {
    await close();
    throw error;
  }
}

function inherited(): Record<string, string> {
  const entries = INHERITED.map((name) => [name, process.env[name] ?? ''] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

function logLines(stream: Readable | null, log: (line: string) => void): void {
  if (stream) createInterface(stream).on('line', log);
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The runtime ended with ${code}.`)));
    child.once('message', (message: HostMessage) => {
      if (message.kind === 'listening') resolve(message.port);
      if (message.kind === 'failed') reject(new Error(message.message));
    });
  });
}

function ticker(child: ChildProcess): Runtime['invokeScheduled'] {
  let lastId = 0;
  return (name) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const request: TickRequest = { tick: name, id: lastId };
      const stop = (): void => {
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      const onExit = (): void => {
        stop();
        reject(new Error('The runtime ended.'));
      };
      const onMessage = (message: HostMessage): void => {
        if (message.kind !== 'ticked' || message.id !== request.id) return;
        stop();
        const { status, text } = message;
        if (status === 0) reject(new Error(text));
        else resolve(new Response(status === 204 ? null : text, { status }));
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(request);
    });
}
