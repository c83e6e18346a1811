import { mongo } from 'mongoose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { Models } from '../../src/models/index.js';
import type { SyncHistory } from '../../src/models/sync-history.js';
import { createDatabase } from '../../src/store/connection.js';
import { native } from '../../src/store/driver/native.js';
import { changeEntry, notCounted } from '../../src/store/history/change-entry.js';
import { runsOf } from '../../src/store/history/runs.js';
import { HistoryStore } from '../../src/store/history.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';
import { dyingAfter } from '../support/dying-models.js';

const TABLE = 'orders';
const { db, uri } = await testDatabase();
const database = createDatabase(uri, TABLES);
const models = await database.models();
afterAll(() => database.close());
const history = native(models.history);
/** The history as a worker with these models sees it. */
const storeOf = (by: Models) => new HistoryStore(by, { clock: systemClock });
const store = storeOf(models);
const runsBy = (by: Models) => runsOf(by, { clock: systemClock });

type Fields = Partial<SyncHistory> & { duration?: number };

/** Adds a run as the version before did, which knew nothing of totals. */
async function legacy(fields: Fields = {}): Promise<mongo.ObjectId> {
  const _id = new mongo.ObjectId();
  const entry = { tableId: TABLE, status: 'completed', recordsUnchanged: 0, ...fields, _id };
  await db.collection('synchistories').insertOne({ startTime: new Date(), ...entry });
  return _id;
}

/** Adds a run as POST sync-history does, and does not count it yet. */
const added = (fields: Fields = {}) => legacy({ ...fields, ...notCounted(TABLE) });

const set = (by: Models, _id: mongo.ObjectId, fields: Fields) =>
  changeEntry(runsBy(by), _id, () => ({ $set: fields }) as mongo.UpdateFilter<SyncHistory>);

/** What is answered, whether everything is counted or not. */
const read = async (by = models) => (await storeOf(by).runTotals([TABLE])).get(TABLE)?.sums;

/** The same added up from the history here, entry by entry. */
async function recounted() {
  const all = await history.find({ tableId: TABLE }).toArray();
  const took = all.flatMap(({ status, durationMs }) =>
    status === 'completed' ? (durationMs ?? []) : [],
  );
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    total: all.length,
    successful: all.filter(({ status }) => status === 'completed').length,
    failed: all.filter(({ status }) => status === 'failed').length,
    timed: took.length,
    duration: sum(took),
    shortest: took.length > 0 ? Math.min(...took) : null,
    longest: took.length > 0 ? Math.max(...took) : null,
    processed: sum(all.map(({ recordsProcessed = 0 }) => recordsProcessed)),
  };
}

/** Of the runs that have ended, the one that began last. */
async function lastOfAll() {
  const ended = { status: { $in: ['completed', 'failed'] as const } };
  const all = await history.find({ tableId: TABLE, ...ended } as object).toArray();
  const key = ({ _id, startTime }: SyncHistory) => `${startTime.toISOString()} ${_id}`;
  return all.sort((a, b) => (key(a) < key(b) ? 1 : -1))[0]?._id;
}

async function expectExact(about = '') {
  const runs = (await store.runTotals([TABLE])).get(TABLE);
  expect(runs?.sums, about).toMatchObject(await recounted());
  expect(runs?.last?._id, about).toEqual(await lastOfAll());
}

/** Counts what is left, and sees that nothing was counted twice on the way. */
async function expectCounted(about = '') {
  await store.countRuns(TABLE);
  await expectExact(about);
  expect(await history.countDocuments({ 'tally.change': { $exists: true } } as object)).toBe(0);
}

beforeEach(async () => {
  await Promise.all([history.deleteMany({}), native(models.runTotals).deleteMany({})]);
});

describe('totals of runs', () => {
  it('are those of a history that is empty', async () => {
    await expectCounted();
  });

  it('have a run once, however often and late its end is recorded and counted', async () => {
    const _id = new mongo.ObjectId();
    const end = {
      tableId: TABLE,
      status: 'completed',
      durationMs: 7,
      recordsProcessed: 5,
    } as const;
    const finish = () => changeEntry(runsBy(models), _id, () => ({ $set: end }), { newOf: TABLE });
    await Promise.all(Array.from({ length: 5 }, finish));
    await Promise.all(Array.from({ length: 5 }, () => store.countRuns(TABLE)));
    await finish();
    await expectCounted();
    expect(await read()).toMatchObject({ total: 1, duration: 7, processed: 5 });
  });

  it('are exact after a death between any two calls, when read and when counted on', async () => {
    await legacy({ durationMs: 50, recordsProcessed: 3 });
    const _id = await added({ durationMs: 20, recordsProcessed: 7 });
    let calls = 0;
    for (let alive = false; !alive; calls++) {
      const { models: dying, died } = dyingAfter(models, calls);
      const durationMs = 10 + ((calls * 7) % 90);
      await set(dying, _id, { durationMs, status: calls % 3 === 0 ? 'failed' : 'completed' })
        .then(() => storeOf(dying).countRuns(TABLE))
        .catch(() => undefined);
      alive = !died();
      await expectExact(`after ${calls} calls`);
      // Every other time the next worker changes the entry before anybody counts on.
      if (calls % 2 === 0) await expectCounted(`after ${calls} calls, counted on`);
    }
    expect(calls).toBeGreaterThan(6);
  });

  it('are exact where many workers change, count and look at the same time', async () => {
    const ids = await Promise.all([0, 1, 2].map(() => legacy({ durationMs: 100 })));
    const worker = async (of: number) => {
      for (let step = 0; step < 8; step++) {
        const fields = { durationMs: (of * 31 + step * 17) % 200, recordsProcessed: of + step };
        const status = step % 4 === 3 ? 'failed' : 'completed';
        await set(models, ids[(of + step) % 3] as mongo.ObjectId, { ...fields, status });
        if (step % 3 === 0) await added({ durationMs: of * 10 + step, status });
        await Promise.all([store.countRuns(TABLE), read()]);
      }
    };
    await Promise.all([0, 1, 2, 3].map(worker));
    await expectCounted();
  });

  it('are not changed by a worker that was frozen before it could mark what it had counted', async () => {
    const _id = await added({ durationMs: 5 });
    const frozen = freezing('bulkWrite');
    const late = storeOf(frozen.models).countRuns(TABLE);
    await frozen.reached;
    await expectExact('counted and not marked');
    for (const durationMs of [6, 7]) {
      await set(models, _id, { durationMs });
      await expectCounted(`${durationMs} ms`);
    }
    await added({ durationMs: 3 });
    await expectCounted();
    await set(models, _id, { durationMs: 8 });
    frozen.release();
    await late;
    await expectCounted();
  });

  it('know what was counted and not marked, also behind many other entries', async () => {
    const _id = await added({ durationMs: 5 });
    const frozen = freezing('bulkWrite');
    const dead = storeOf(frozen.models)
      .countRuns(TABLE)
      .catch(() => undefined);
    await frozen.reached;
    await Promise.all(Array.from({ length: 60 }, () => added({ durationMs: 1 })));
    await set(models, _id, { durationMs: 6 });
    await expectExact();
    await expectCounted();
    frozen.release();
    await dead;
    await expectCounted();
  });

  it.each([true, false])(
    'are right where an entry was changed before a slow change of it, counted: %s',
    async (isCounted) => {
      const _id = await added({ durationMs: 5 });
      await expectCounted();
      const frozen = freezing('findOneAndUpdate');
      const seen: (number | undefined)[] = [];
      const change = (found: SyncHistory | null) => {
        seen.push(found?.durationMs);
        return { $inc: { durationMs: 100 } };
      };
      const late = changeEntry(runsBy(frozen.models), _id, change);
      await frozen.reached;
      await set(models, _id, { durationMs: 6 });
      if (isCounted) await expectCounted();
      frozen.release();
      expect(await late).toMatchObject({ durationMs: 106 });
      expect(seen).toEqual([5, 6]);
      await expectExact();
      await expectCounted();
    },
  );

  it('follow corrections, also of the shortest and the longest run', async () => {
    const [first, second] = [await legacy({ durationMs: 10 }), await legacy({ durationMs: 90 })];
    await added({ durationMs: 50 });
    await expectCounted();
    for (const [id, fields] of [
      [first, { durationMs: 60 }],
      [second, { status: 'failed' }],
      [second, { status: 'completed', durationMs: 1 }],
      [first, { recordsProcessed: 4 }],
    ] as const) {
      await set(models, id, fields);
      await expectExact('not counted');
      await expectCounted();
    }
  });

  it('know the last run, also where its time or its end is corrected, or it has expired', async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
    const first = await legacy({ startTime: at(1) });
    const second = await added({ startTime: at(2) });
    await expectCounted();
    for (const [id, fields] of [
      [second, { startTime: at(0) }],
      [second, { startTime: at(3) }],
      [second, { status: 'in_progress' }],
      [first, { startTime: at(4), status: 'failed' }],
      [second, { status: 'completed', startTime: at(4) }],
    ] as const) {
      await set(models, id, fields);
      await expectExact('not counted');
      await expectCounted();
    }
    await history.deleteOne({ _id: second });
    expect((await store.runTotals([TABLE])).get(TABLE)?.last?._id).toEqual(first);
  });

  it('keep runs whose entries have expired', async () => {
    const _id = await added({ durationMs: 10, recordsProcessed: 2 });
    const other = await added({ durationMs: 30, recordsProcessed: 1 });
    await store.countRuns(TABLE);
    await history.deleteOne({ _id });
    await set(models, other, { recordsProcessed: 5 });
    await store.countRuns(TABLE);
    expect(await read()).toMatchObject({ total: 2, shortest: 10, longest: 30, processed: 7 });
  });

  it('count many entries that nobody has counted so far', async () => {
    await Promise.all(Array.from({ length: 120 }, (_, i) => added({ durationMs: i })));
    await expectExact();
    await expectCounted();
  });
});

describe('totals of a history that is older than they are', () => {
  it('are made at the first look, by several at a time, while runs end and entries change', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, i) => legacy({ durationMs: i, recordsProcessed: 1 })),
    );
    await Promise.all([
      ...[1, 2, 3].map(() => read()),
      ...[1, 2, 3].map(() => store.buildRunTotals([TABLE])),
      ...ids.slice(0, 5).map((id) => set(models, id, { durationMs: 1_000, recordsProcessed: 9 })),
      ...[1, 2, 3].map((i) => added({ durationMs: i }).then(() => store.countRuns(TABLE))),
    ]);
    await expectCounted();
  });

  it('have the run once that a worker of the version before ends after they were made', async () => {
    const _id = await legacy({ status: 'in_progress' });
    await expectExact();
    const end = { status: 'completed', durationMs: 12, recordsProcessed: 3 } as const;
    await history.updateOne({ _id }, { $set: end });
    await expectExact();
    await expectCounted();
  });

  it('are made again where somebody has removed them', async () => {
    const _id = await added({ durationMs: 5 });
    await expectCounted();
    for (const durationMs of [6, 7]) {
      await set(models, _id, { durationMs });
      await native(models.runTotals).deleteMany({});
      await expectCounted();
    }
  });

  it('are answered although the database takes no writes', async () => {
    await legacy({ durationMs: 5 });
    await added({ durationMs: 6 });
    await db.command({ collMod: 'syncruntotals', validator: { never: true } });
    await expectExact();
    expect(await native(models.runTotals).countDocuments()).toBe(0);
    await db.command({ collMod: 'syncruntotals', validator: {} });
    await expectCounted();
  });

  it('take a duration in seconds to the same millisecond, whoever adds it up', async () => {
    for (const duration of [0.0005, 0.0015, 1.0005, 2.5, 95.25]) {
      await legacy({ duration, __v: 0 } as Fields);
    }
    const before = await read();
    for (const { _id } of await history.find({}).toArray()) await set(models, _id, { options: {} });
    expect(await read()).toEqual(before);
    await store.countRuns(TABLE);
    expect(await read()).toEqual(before);
  });
});

function signal() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

/** The models as a worker sees them that is frozen right before its first such call. */
function freezing(method: 'bulkWrite' | 'findOneAndUpdate') {
  const [reached, released] = [signal(), signal()];
  const collection = new Proxy(models.history.collection, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== method) return value.bind(target);
      return async (...args: unknown[]) => {
        reached.resolve();
        await released.promise;
        return value.apply(target, args);
      };
    },
  });
  const history = new Proxy(models.history, {
    get: (target, name) => (name === 'collection' ? collection : Reflect.get(target, name)),
  });
  return {
    models: { ...models, history },
    reached: reached.promise,
    release: released.resolve,
  };
}
