import { mongo } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Models } from '../../src/models/index.js';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const ROWS = 30;
const { app, lake, call, sync, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  { quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });
await lake.insert(
  TASKS,
  Array.from({ length: ROWS }, (_, i) => ({
    SERIALKEY: i + 1,
    WHSEID: 'wmwhse1',
    TASKDETAILKEY: `K${i + 1}`,
  })),
);

type BulkWrite = mongo.Collection['bulkWrite'];

/** The driver's reply to a bulk write in which every third write failed with this code. */
function partlyRefused(code: number, errmsg: string, times: number) {
  let left = times;
  return async (real: BulkWrite, ...args: Parameters<BulkWrite>) => {
    if (left-- <= 0) return real(...args);
    const [operations, options] = args;
    const places = operations.map((_, index) => index);
    const kept = places.filter((index) => index % 3 !== 0);
    const { result, errors } = await settled(
      real(
        kept.flatMap((i) => operations[i] ?? []),
        options,
      ),
    );
    const failed = places.filter((index) => index % 3 === 0);
    const writeErrors = [
      ...failed.map((index) => ({ index, code, errmsg })),
      ...errors.map((error) => ({ ...error, index: kept[error.index] ?? 0 })),
    ] as mongo.WriteError[];
    throw new mongo.MongoBulkWriteError({ message: errmsg, code, writeErrors }, result);
  };
}

/** What the server really said of the others, whose keys may be held. */
async function settled(sent: Promise<mongo.BulkWriteResult>) {
  try {
    return { result: await sent, errors: [] };
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    const errors = [error.writeErrors].flat();
    return {
      result: error.result,
      errors: errors.map(({ index, code, errmsg }) => ({ index, code, errmsg })),
    };
  }
}

/** The models, with a collection of rows whose bulk writes are answered by `reply`. */
function failingModels(models: Models, reply: ReturnType<typeof partlyRefused>): Models {
  const around = <T extends object>(target: T, replaced: Record<string, unknown>): T =>
    new Proxy(target, {
      get: (inner, name) => replaced[String(name)] ?? bound(inner, Reflect.get(inner, name)),
    });
  return around(models, {
    rows: (tableId: string) => {
      const model = models.rows(tableId);
      const real: BulkWrite = model.collection.bulkWrite.bind(model.collection) as BulkWrite;
      const bulkWrite = (...args: Parameters<BulkWrite>) => reply(real, ...args);
      return around(model, { collection: around(model.collection, { bulkWrite }) });
    },
  });
}

function bound(inner: object, value: unknown): unknown {
  return typeof value === 'function' && !('collection' in value) ? value.bind(inner) : value;
}

async function runWith(reply: ReturnType<typeof partlyRefused>) {
  const context = await app().sync();
  const models = failingModels(context.models, reply);
  const { _id } = await startJob(context, { tableId: 'taskdetail', mode: 'full' }, 'api');
  return (await advance({ ...context, models }, _id, Date.now() + 25_000)).job;
}

const rejects = () => db.collection('syncrejects').countDocuments();
let round = 0;
beforeEach(async () => {
  lake.advance(7_200_000);
  await lake.edit(TASKS, 'SERIALKEY > 0', { QTY: String(++round) });
});

describe('a failure of single writes that is about the database', () => {
  it.each([
    [8000, 'you are over your space quota, using 514 MB of 512 MB', 'MONGODB_FULL'],
    [14_031, 'out of disk space', 'MONGODB_FULL'],
    [12_501, 'quota exceeded', 'MONGODB_FULL'],
    [13, 'not authorized on db to execute command', 'MONGODB_AUTH_REFUSED'],
    [371, 'User writes blocked', 'MONGODB_FAILED'],
    [117, 'conflicting operation in progress', 'MONGODB_FAILED'],
    [8000, 'cannot create a new collection -- already using 500 collections', 'MONGODB_FAILED'],
    [2, 'bad value', 'MONGODB_FAILED'],
    [96, 'operation failed', 'MONGODB_FAILED'],
  ])('fails the run, code %i (%s): no reject, no watermark', async (code, errmsg, expected) => {
    const before = (await config('taskdetail')).watermark;
    const job = await runWith(partlyRefused(code, errmsg, 1_000));
    expect(job).toMatchObject({ status: 'failed', errorCode: expected });
    expect(job.errorDetails?.[0]?.message ?? errmsg).toContain(errmsg.slice(0, 20));
    expect(await rejects()).toBe(0);
    expect((await config('taskdetail')).watermark).toEqual(before);
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });
});

describe('a failure of single writes that is transient', () => {
  it.each([
    [365, 'TemporarilyUnavailable: cache pressure'],
    [133, 'no primary of the shard'],
    [202, 'network interface exceeded time limit'],
    [82, 'no progress made'],
    [11_602, 'interrupted due to replication state change'],
    [91, 'shutdown in progress'],
  ])('is waited out, code %i (%s)', async (code, errmsg) => {
    const job = await runWith(partlyRefused(code, errmsg, 2));
    expect(job).toMatchObject({ status: 'completed', outcome: 'complete' });
    expect(job.stats.replayedRecords).toBeGreaterThan(0);
    expect(await rejects()).toBe(0);
    await expectEqual('taskdetail');
  });
});

describe('a failure of single writes that is about the rows', () => {
  it('makes rejects of these rows, and all others arrive', async () => {
    const job = await runWith(partlyRefused(121, 'Document failed validation', 1));
    expect(job).toMatchObject({ status: 'completed', outcome: 'with_rejects' });
    expect(await rejects()).toBe(ROWS / 3);
    await sync('taskdetail', { mode: 'full' });
    await expectEqual('taskdetail');
    expect(await db.collection('syncrejects').countDocuments({ open: true })).toBe(0);
  });
});
