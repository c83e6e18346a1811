import { execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { serve } from '../dev/serve/index.js';
import { createClient } from '../dev/test-sync-api/client.js';
import { type Spread, spreadOf } from './statistics.js';

export interface MeasuredRuntime {
  readonly connections: number;
  readonly requestsPerSecond: Spread;
  /** From the sending of a request to the end of its answer, in milliseconds. */
  readonly answerMs: Spread;
  /** Of the process that the functions run in, after the first round and after the last. */
  readonly bytesAtFirst: number;
  readonly bytesAtLast: number;
}

const CONNECTIONS = 50;
const REQUESTS = 3_000;

/** How many calls of sync-status the local runtime answers on fifty connections. */
export async function measureRuntime(rounds: number): Promise<MeasuredRuntime> {
  const backend = await serve({ rows: 100, logLevel: 'silent' });
  try {
    const { url, token, runtime } = backend;
    const client = createClient({ url, token });
    await client.call('init-sync-config', { body: {} });
    const { body } = await client.call('sync-table', { body: { tableId: 'taskdetail' } });
    const { jobId } = body as { jobId: string };
    const path = `${url}/api/sync-status?jobId=${jobId}`;
    const results: Round[] = [];
    const bytes: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      results.push(await measureRound(path, token));
      bytes.push(residentBytes(runtime.pid));
    }
    // The first warms it up.
    const [, ...measured] = results;
    return {
      connections: CONNECTIONS,
      requestsPerSecond: spreadOf(measured.map(({ perSecond }) => perSecond)),
      answerMs: spreadOf(measured.flatMap(({ answerMs }) => answerMs)),
      bytesAtFirst: bytes[1] ?? 0,
      bytesAtLast: bytes.at(-1) ?? 0,
    };
  } finally {
    await backend.close();
  }
}

interface Round {
  readonly perSecond: number;
  readonly answerMs: readonly number[];
}

async function measureRound(url: string, token: string): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const answerMs: number[] = [];
  let left = REQUESTS;
  const began = performance.now();
  const connection = async (): Promise<void> => {
    while (left-- > 0) {
      const sentAt = performance.now();
      await call(url, token, agent);
      answerMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return { perSecond: (REQUESTS * 1000) / (performance.now() - began), answerMs };
}

/** @throws Error for any status but 200, with the answer */
export function call(url: string, token: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = request(url, { agent, headers }, (response) => {
      const { statusCode } = response;
      if (statusCode === 200) {
        response.resume();
        response.on('end', resolve);
        return;
      }
      void text(response).then((body) => reject(new Error(`${statusCode} ${body}`)), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}
