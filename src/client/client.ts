import { send, withoutRun } from './call.js';
import { SyncError } from './errors.js';
import { nextPause, pause, withPatience } from './patience.js';
import { type Answer, progressOf } from './progress.js';
import type {
  CallOptions,
  Client,
  ClientOptions,
  Progress,
  RunOptions,
  Started,
  SyncOptions,
} from './public.js';

export function createClient(options: ClientOptions = {}): Client {
  const { patienceMs } = options;
  const patience = (signal: AbortSignal | undefined) => ({
    ...(patienceMs !== undefined && { patienceMs }),
    ...(signal && { signal }),
  });

  async function start(
    tableId: string,
    { signal, ...run }: RunOptions & CallOptions = {},
  ): Promise<Started> {
    // By its key a call that arrives twice starts one run.
    const headers = { 'Idempotency-Key': randomKey() };
    const body = { tableId, ...run, wait: 0 };
    const call = { body, headers, ...(signal && { signal }) };
    const ask = async () => {
      const started = (await send(options, 'sync-table', call)) as Started;
      if (typeof started.jobId !== 'string') throw withoutRun();
      return started;
    };
    return withPatience(ask, patience(signal));
  }

  async function* watch(
    jobId: string,
    { signal }: CallOptions = {},
  ): AsyncGenerator<Progress, void, undefined> {
    const call = { query: { jobId }, ...(signal && { signal }) };
    const look = async () => {
      const progress = progressOf((await send(options, 'sync-status', call)) as Answer, jobId);
      if (!progress) throw withoutRun();
      return progress;
    };
    for (let wait = nextPause(undefined); ; wait = nextPause(wait)) {
      const progress = await withPatience(look, patience(signal));
      yield progress;
      if (progress.ended) return;
      await pause(wait, signal);
    }
  }

  async function sync(
    tableId: string,
    { onProgress, signal, ...run }: SyncOptions = {},
  ): Promise<Progress> {
    const call = signal ? { signal } : {};
    const { jobId } = await start(tableId, { ...run, ...call });
    for await (const progress of watch(jobId, call)) {
      onProgress?.(progress);
      if (progress.status === 'failed') throw failureOf(progress);
      if (progress.ended) return progress;
    }
    throw new Error('A run is watched until it has ended.');
  }

  return {
    start,
    watch,
    sync,
    call: <T>(endpoint: string, call = {}) => send(options, endpoint, call) as Promise<T>,
  };
}

/** `crypto.randomUUID` exists only on pages that came by https. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function failureOf({ job, error, errorCode }: Progress): SyncError {
  return new SyncError({ ...job, error, code: errorCode, details: job.errorDetails }, 0);
}
