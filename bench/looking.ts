import { Agent } from 'node:http';
import { mongo } from 'mongoose';
import { type LocalBackend, serve } from '../dev/serve/index.js';
import { createClient } from '../dev/test-sync-api/client.js';
import { systemClock } from '../src/clock.js';
import { createDatabase } from '../src/store/connection.js';
import { ensureAllIndexes } from '../src/store/indexes.js';
import { TABLES } from '../src/tables/registry.js';
import { call } from './runtime.js';
import { type Spread, spreadOf } from './statistics.js';

const LOOKS = [
  'sync-overview',
  'sync-stats',
  'sync-stats?tableId=taskdetail',
  'sync-history',
  'sync-history?tableId=taskdetail',
  'sync-history?tableId=taskdetail&status=failed',
  'sync-status',
] as const;

export interface MeasuredLooking {
  /** Milliseconds per answer, with a short history and with a long one. */
  readonly looks: readonly {
    readonly look: string;
    readonly short: Spread;
    readonly long: Spread;
  }[];
  /** The first statistics of a long history without totals. */
  readonly firstMs: number;
  readonly answers: number;
  /** Those that were not 200, by what they were. */
  readonly failures: Readonly<Record<string, number>>;
}

const SHORT = { entries: 100, jobs: 100 };
const LONG = { entries: 200_000, jobs: 20_000 };
const WARM_UP = 30;
const CALLS = 150;
const CONNECTIONS = 100;
const LOAD_MS = 20_000;

/** What looking costs with a short history and with a long one, and whether it stands a crowd. */
export async function measureLooking(): Promise<MeasuredLooking> {
  const backend = await serve({ rows: 100, logLevel: 'silent' });
  try {
    const client = createClient(backend);
    await client.call('init-sync-config', { body: {} });
    await makeIndexes(backend.mongodbUri);
    await fill(backend.db, SHORT);
    const short = await timesOf(backend);
    const { entries, jobs } = LONG;
    await fill(backend.db, { entries: entries - SHORT.entries, jobs: jobs - SHORT.jobs });
    await backend.db.collection('syncruntotals').deleteMany({});
    const began = performance.now();
    await client.call('sync-stats');
    const firstMs = performance.now() - began;
    const long = await timesOf(backend);
    const looks = LOOKS.map((look, index) => ({
      look,
      short: spreadOf(short[index] ?? []),
      long: spreadOf(long[index] ?? []),
    }));
    return { looks, firstMs, ...(await load(backend)) };
  } finally {
    await backend.close();
  }
}

async function makeIndexes(uri: string): Promise<void> {
  const database = createDatabase(uri, TABLES, { tool: true });
  const tableIds = TABLES.map(({ tableId }) => tableId);
  await ensureAllIndexes(await database.models(), tableIds, { clock: systemClock });
  await database.close();
}

/** Runs that have ended, a minute apart, of all tables in turn. */
async function fill(db: mongo.Db, { entries, jobs }: typeof SHORT): Promise<void> {
  const now = Date.now();
  const runOf = (index: number) => ({
    tableId: TABLES[index % TABLES.length]?.tableId,
    status: index % 50 === 0 ? 'failed' : 'completed',
    startTime: new Date(now - index * 60_000),
  });
  await insert(db.collection('synchistories'), entries, (index) => ({
    ...{ ...runOf(index), tableName: 'Table', recordsProcessed: index, recordsUnchanged: 0 },
    ...{ durationMs: index % 977, options: {} },
  }));
  await insert(db.collection('syncjobs'), jobs, (index) => ({
    ...{ ...runOf(index), phase: 'ended', historyId: new mongo.ObjectId(), segments: [] },
    stats: { startTime: new Date(now - index * 60_000), endTime: new Date() },
  }));
}

async function insert(to: mongo.Collection, count: number, make: (index: number) => object) {
  const batch = 5_000;
  for (let first = 0; first < count; first += batch) {
    const length = Math.min(batch, count - first);
    await to.insertMany(Array.from({ length }, (_, index) => make(first + index)));
  }
}

/** Each look in turn, so that a slow moment is one of all. */
async function timesOf({ url, token }: LocalBackend): Promise<number[][]> {
  const agent = new Agent({ keepAlive: true });
  const times: number[][] = LOOKS.map(() => []);
  for (let round = 0; round < WARM_UP + CALLS; round++) {
    for (const [index, look] of LOOKS.entries()) {
      const began = performance.now();
      await call(`${url}/api/${look}`, token, agent);
      if (round >= WARM_UP) times[index]?.push(performance.now() - began);
    }
  }
  agent.destroy();
  return times;
}

async function load({ url, token }: LocalBackend) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const failures: Record<string, number> = {};
  let answers = 0;
  const end = performance.now() + LOAD_MS;
  const connection = async (_: unknown, number: number) => {
    for (let turn = number; performance.now() < end; turn++) {
      const look = LOOKS[turn % LOOKS.length] ?? LOOKS[0];
      await call(`${url}/api/${look}`, token, agent).catch((error) => {
        const [, code = String(error)] = /"code":"(\w+)"/.exec(String(error)) ?? [];
        const what = `${look}: ${code}`;
        failures[what] = (failures[what] ?? 0) + 1;
      });
      answers++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => 0).map(connection));
  agent.destroy();
  return { answers, failures };
}
