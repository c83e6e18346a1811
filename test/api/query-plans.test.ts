import { mongo } from 'mongoose';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { DIFFERENCE_KINDS } from '../../src/models/reconcile.js';
import { ensureAllIndexes } from '../../src/store/indexes.js';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';

/** What the endpoints ask MongoDB, as the driver sends it, and how it is answered. */

const { app, call, db, uri } = await startBackend({ rows: 10 });
process.env.MONGODB_URI = `${uri}?monitorCommands=true`;
await call('init-sync-config', { body: {} });
const models = await app().models();
const tableIds = TABLES.map(({ tableId }) => tableId);
await ensureAllIndexes(models, tableIds, { clock: systemClock });

/** Collections that grow with the time or with the rows. */
const GROWING = [
  'synchistories',
  'syncjobs',
  'syncrejects',
  'syncaudits',
  'syncstartcounts',
  'synccertificates',
  'syncdifferences',
  'syncdeletelists',
  'syncusages',
  ...TABLES.map(({ collection }) => collection),
];
/** One document per table, setting, event of a table, tenant or site. */
const BOUNDED = [
  'syncconfigs',
  'syncruntotals',
  'settings',
  'alerts',
  'schedulestates',
  'healthstates',
  'iontokens',
  'lakequotas',
];

const captured: mongo.Document[] = [];
const client = models.configs.db.getClient() as unknown as mongo.MongoClient;
const capture = ({ command }: mongo.CommandStartedEvent) => captured.push(command);
client.on('commandStarted', capture);
afterAll(() => {
  client.off('commandStarted', capture);
});

const run = {
  tableId: 'orders',
  tableName: 'Orders',
  syncJobId: '65a0000000000000000000aa',
};
const at = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, index));
const many = <T>(make: (index: number) => T) => Array.from({ length: 300 }, (_, i) => make(i));
const tableOf = (index: number) => tableIds[index % tableIds.length];

await db.collection('synchistories').insertMany(
  many((i) => ({
    ...run,
    ...{ tableId: tableOf(i), status: i % 2 ? 'completed' : 'failed', startTime: at(i) },
  })),
);
const job = {
  ...{ jobType: 'sync', tableName: 'Orders', status: 'completed', segments: [] },
  ...{ limit: { rows: 0, keepRest: false }, heartbeat: new Date(), range: {} },
  ...{ createdAt: new Date(), updatedAt: new Date() },
};
await db.collection('syncjobs').insertMany(
  many((i) => ({
    ...job,
    ...{ tableId: tableOf(i), historyId: new mongo.ObjectId(), phase: 'ended' },
    stats: { startTime: at(i), endTime: new Date() },
  })),
);
await db.collection('syncrejects').insertMany(
  many((i) => ({
    ...{ tableId: tableOf(i), identity: `${i}`, reason: i % 3 ? 'number_invalid' : 'key_missing' },
    ...{ raw: '{}', column: 'QTY', message: 'QTY: not a number' },
    ...{ firstSeenAt: at(i), lastSeenAt: at(i), ...(i % 2 && { open: true }) },
  })),
);
const change = {
  caller: 'x',
  address: null,
  requestId: 'y',
  action: 'config.update',
  target: 'orders',
};
await db.collection('syncaudits').insertMany(many((i) => ({ at: at(i), ...change })));

const noCounts = Object.fromEntries(
  [...DIFFERENCE_KINDS, 'outOfScope', 'inFlight', 'unreadable']
    .filter((kind) => kind !== 'unasked')
    .map((kind) => [kind, 0]),
);
const found = {
  ...{ verdict: 'equal', asOf: new Date(), ceiling: null, scope: { whseids: null } },
  ...{ rows: 0, documents: 0, equal: 0, counts: noCounts, repaired: 0, remaining: 0, held: 0 },
  ...{ digest: '', exceptions: [] },
  cost: { queries: 0, pages: 0, rowsRead: 0, functionSeconds: 0 },
};
await db.collection<{ _id: mongo.ObjectId }>('synccertificates').insertMany(
  many((i) => ({
    _id: new mongo.ObjectId(),
    tableId: tableOf(i),
    ...found,
    endedAt: at(i),
  })),
);
await db.collection('syncdifferences').insertMany(
  many((i) => ({
    ...{ tableId: tableOf(i), key: `${i}`, jobId: new mongo.ObjectId(), kind: 'missing' },
    ...{ firstSeenAt: at(i), lastSeenAt: at(i), ...(i % 2 && { open: true }) },
  })),
);
await db.collection('syncdeletelists').insertMany(
  many((i) => ({
    ...{ tableId: tableOf(i), jobId: new mongo.ObjectId(), hash: `${i}`, createdAt: new Date() },
    ...{ deletes: 1, documents: 1, reasons: [] },
    state: i % 2 ? 'held' : 'replaced',
  })),
);

type Query = Record<string, string>;

/** Every combination of taking or leaving each of these parameters. */
function combinations(parameters: Query): Query[] {
  return Object.entries(parameters).reduce<Query[]>(
    (all, [name, value]) => all.flatMap((query) => [query, { ...query, [name]: value }]),
    [{}],
  );
}

const time = { from: '2026-01-01T00:10:00Z', to: '2026-01-01T04:00:00Z' };
const LISTS: [string, Query[]][] = [
  ['sync-history', combinations({ tableId: 'orders', status: 'failed', days: '30', ...time })],
  [
    'sync-rejects',
    ['open', 'resolved', 'all'].flatMap((state) =>
      combinations({ tableId: 'orders', reason: 'key_missing', ...time }).map((query) => ({
        ...query,
        state,
      })),
    ),
  ],
  [
    'sync-audit',
    combinations({ tableId: 'orders', action: 'config.update', caller: 'x', ...time }),
  ],
  ['sync-reconcile', [{ tableId: 'orders' }, { tableId: 'orders', held: 'true' }]],
];

/** The calls that look, and the pass of the schedule, but for the lists. */
const LOOKS: [string, Parameters<typeof call>[1]][] = [
  ['sync-stats', {}],
  ['sync-stats', { query: { tableId: 'orders' } }],
  ['sync-overview', {}],
  ['metrics', {}],
  ['sync-status', {}],
  ['sync-status', { query: { jobId: '65a0000000000000000000aa' } }],
  ['sync-config', {}],
  ['sync-settings', {}],
  ['health', { query: { deep: '1' } }],
  ['sync-run-due', { body: {} }],
  ['sync-rejects', { body: { action: 'retry', tableId: 'receipt' } }],
];

/** What was sent to read, each in the form in which it can be explained. */
async function sentBy(action: () => Promise<unknown>): Promise<mongo.Document[]> {
  captured.length = 0;
  await action();
  const kinds = ['find', 'aggregate', 'count', 'distinct'];
  return captured.flatMap(({ lsid: _l, $clusterTime: _c, $db: _d, txnNumber: _t, ...command }) => {
    const [kind = ''] = Object.keys(command);
    const { readConcern: _r, writeConcern: _w, ...rest } = command;
    return kinds.includes(kind) ? [{ kind, collection: command[kind], command: rest }] : [];
  });
}

function stagesOf(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  return Object.entries(plan).flatMap(([name, value]) => {
    // What the server has thought of and not done.
    if (name === 'rejectedPlans' || name === 'command') return [];
    if (name === 'stage') return [String(value)];
    return [...(name === '$sort' ? ['SORT'] : []), ...stagesOf(value)];
  });
}

async function expectByIndex(sent: readonly mongo.Document[]) {
  for (const { collection, command } of sent) {
    expect([...GROWING, ...BOUNDED]).toContain(collection);
    if (BOUNDED.includes(collection)) continue;
    const stages = stagesOf(await db.command({ explain: command, verbosity: 'queryPlanner' }));
    const about = `${mongo.BSON.EJSON.stringify(command)}: ${stages.join(' ')}`;
    expect(stages, about).not.toEqual([]);
    expect(stages, about).not.toContain('COLLSCAN');
    expect(stages, about).not.toContain('SORT');
  }
}

describe('no query of a growing collection scans or sorts it', () => {
  it('is what the server says of one that does', async () => {
    const explain = { find: 'syncjobs', filter: { mode: 'full' }, sort: { mode: 1 } };
    const stages = stagesOf(await db.command({ explain, verbosity: 'queryPlanner' }));
    expect(stages).toEqual(expect.arrayContaining(['COLLSCAN', 'SORT']));
  });

  it.each(LISTS)('%s, with every filter, by page and by cursor', async (name, queries) => {
    for (const query of queries) {
      const sent = await sentBy(async () => {
        const first = await call(name, { query: { limit: '1', ...query } });
        expect(first.status, JSON.stringify(first.body)).toBe(200);
        const { nextCursor } = first.body.pagination as { nextCursor: string | null };
        if (nextCursor === null) return;
        const next = await call(name, { query: { limit: '1', ...query, cursor: nextCursor } });
        expect(next.status, JSON.stringify(next.body)).toBe(200);
      });
      expect(sent.length).toBeGreaterThanOrEqual(2);
      await expectByIndex(sent);
    }
  });

  it.each(LOOKS)('%s %j', async (name, options) => {
    // Nothing is due: what a start asks is not asked for a look.
    const nextRunAt = new Date(Date.now() + 3_600_000);
    await db.collection('syncconfigs').updateMany({}, { $set: { nextRunAt } });
    const sent = await sentBy(() => call(name, options));
    expect(sent).not.toEqual([]);
    await expectByIndex(sent);
  });

  it('sync-status of an entry', async () => {
    const entry = await db.collection('synchistories').findOne({});
    const query = { historyId: String(entry?._id) };
    await expectByIndex(await sentBy(() => call('sync-status', { query })));
  });

  it('the counting of a run', async () => {
    await expectByIndex(await sentBy(() => call('sync-history', { body: run })));
  });
});
