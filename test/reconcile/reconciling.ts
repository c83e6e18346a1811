import type { mongo } from 'mongoose';
import { expect } from 'vitest';
import { RECEIPT } from '../../dev/lake/wms/objects.js';
import type { DeleteList } from '../../src/models/delete-list.js';
import type { Certificate, Difference } from '../../src/models/reconcile.js';
import type { RowDocument } from '../../src/models/row.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import type { SyncContext } from '../../src/sync/context.js';
import { type StartRequest, startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

export const HOUR_MS = 3_600_000;
/** Carries no delete flag. */
export const RECEIPTS = RECEIPT.name;
const LOOKBACK_MS = 30 * 60_000;
const COLLECTIONS = [
  'syncconfigs',
  'receipts',
  'syncjobs',
  'syncdifferences',
  'syncdeletelists',
  'synccertificates',
  'syncrejects',
];

const earlier = (time: Date, ms: number) => new Date(time.getTime() - ms);

/** A backend whose table `receipt` is reconciled. Call it once, at the top of a test file. */
export async function startReconciling() {
  const backend = await startBackend(
    { rows: 0 },
    {},
    {
      emptyPagePauseMs: 5,
      lakePolicy: { attempts: 3, baseMs: 1, capMs: 5 },
      quotaMinuteMs: 1,
      leaseMs: 100,
    },
  );
  const { lake, call, db, app } = backend;
  const context = await app().sync();
  const documents = db.collection<RowDocument>('receipts');
  const differences = db.collection<Difference>('syncdifferences');
  const lists = db.collection<DeleteList>('syncdeletelists');
  const certificates = db.collection<Certificate>('synccertificates');
  let serial = 0;
  /** The lake's time before the first row, and what the first run leaves in each collection. */
  const start = lake.now().getTime();
  let afterFirstRun: ReadonlyMap<string, mongo.Document[]> | undefined;

  async function firstRun(): Promise<ReadonlyMap<string, mongo.Document[]>> {
    await call('init-sync-config', { body: {} });
    await run({ mode: 'full' });
    const stored = COLLECTIONS.map(
      async (name) => [name, await db.collection(name).find().toArray()] as const,
    );
    return new Map(await Promise.all(stored));
  }

  const receipts = (count: number, whseid = 'wmwhse1') =>
    Array.from({ length: count }, () => ({
      SERIALKEY: ++serial,
      WHSEID: whseid,
      RECEIPTKEY: `K${String(serial).padStart(5, '0')}`,
    }));

  async function run(request: Partial<StartRequest>, by: SyncContext = context): Promise<SyncJob> {
    const { _id } = await startJob(by, { tableId: 'receipt', ...request }, 'api');
    const { state, job } = await advance(by, _id, Date.now() + 60_000);
    expect(state).toBe('done');
    return job;
  }

  async function certificateOf({ _id, error }: SyncJob): Promise<Certificate> {
    expect(error, error).toBeUndefined();
    const found = await certificates.findOne({ _id });
    if (!found) throw new Error('there is no certificate');
    return found;
  }

  async function reconcile(request: Partial<StartRequest> = {}): Promise<Certificate> {
    return certificateOf(await run({ mode: 'reconcile', repair: true, ...request }));
  }

  /** As if the documents had been found absent so much earlier. */
  async function wait(ms = LOOKBACK_MS + 60_000): Promise<void> {
    for (const { _id, absentSince } of await differences.find({ open: true }).toArray()) {
      if (absentSince) {
        await differences.updateOne({ _id }, { $set: { absentSince: earlier(absentSince, ms) } });
      }
    }
  }

  /** The table's lists of deletes, as if they had been decided so much earlier. */
  async function pass(ms: number): Promise<void> {
    for (const { _id, createdAt, decidedAt } of await lists.find().toArray()) {
      const decided = decidedAt && { decidedAt: earlier(decidedAt, ms) };
      await lists.updateOne({ _id }, { $set: { createdAt: earlier(createdAt, ms), ...decided } });
    }
  }

  async function restore(stored: ReadonlyMap<string, mongo.Document[]>): Promise<void> {
    for (const [name, found] of stored) {
      if (found.length > 0) await db.collection(name).insertMany(found);
    }
  }

  return {
    ...backend,
    context,
    documents,
    differences,
    lists,
    receipts,
    run,
    certificateOf,
    reconcile,
    wait,
    pass,
    live: () => documents.countDocuments({ '_lake.deletedAt': { $exists: false } }),
    /** Finds what is absent once, and lets the lookback go by. */
    async absentOnce(): Promise<void> {
      await reconcile();
      await wait();
    },
    /** A table of twenty rows with one index time, two hours old. */
    async reset(): Promise<void> {
      lake.clearFaults();
      lake.beforeCall(undefined);
      lake.configure({ visibilityDelayMs: 0, microseconds: false, indexOffsetMs: 0 });
      await Promise.all(COLLECTIONS.map((name) => db.collection(name).deleteMany({})));
      lake.advance(start - lake.now().getTime());
      await lake.defineObject(RECEIPT);
      serial = 0;
      await lake.insert(RECEIPTS, receipts(20));
      if (afterFirstRun) await restore(afterFirstRun);
      else afterFirstRun = await firstRun();
      lake.advance(2 * HOUR_MS);
    },
  };
}
