import { Types } from 'mongoose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { createDatabase } from '../../src/store/connection.js';
import type { ClaimedKey } from '../../src/store/idempotency-keys.js';
import { createStore } from '../../src/store/store.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();
const database = createDatabase(uri, TABLES);
const store = createStore(await database.models(), { clock: systemClock });
const { idempotencyKeys: keys, jobs } = store;
afterAll(() => database.close());

const ANSWER = { status: 200, headers: { Location: '/x' }, body: '{"a":"$b"}' };
const stored = () => db.collection('syncidempotencykeys').findOne({});
const past = (field: string) =>
  db.collection('syncidempotencykeys').updateOne({}, { $set: { [field]: new Date(0) } });
async function claimed(request = 'r'): Promise<ClaimedKey> {
  const key = await keys.claim('k', request);
  if (key.state !== 'claimed') throw new Error(key.state);
  return key;
}

beforeEach(async () => {
  await db.collection('syncidempotencykeys').deleteMany({});
});

describe('a key', () => {
  it('is taken by one of several at once', async () => {
    const found = await Promise.all([1, 2, 3, 4].map(() => keys.claim('k', 'r')));
    expect(found.map(({ state }) => state).sort()).toEqual([
      'claimed',
      'running',
      'running',
      'running',
    ]);
  });

  it('is refused to another request, while it is worked on and afterwards', async () => {
    const key = await claimed();
    expect(await keys.claim('k', 'other')).toEqual({ state: 'of_another_request' });
    await keys.complete(key, ANSWER);
    expect(await keys.claim('k', 'other')).toEqual({ state: 'of_another_request' });
    expect(await keys.claim('k', 'r')).toEqual({ state: 'answered', answer: ANSWER });
  });

  it('expires by MongoDB’s clock a day after its answer, even before it is removed', async () => {
    const key = await claimed();
    await keys.complete(key, ANSWER);
    const expireAt: Date | undefined = (await stored())?.expireAt;
    const ahead = Number(expireAt?.getTime()) - Date.now() - 86_400_000;
    expect(Math.abs(ahead)).toBeLessThan(60_000);
    await past('expireAt');
    const again = await claimed('other');
    expect({ isRepeat: again.isRepeat, answer: (await stored())?.answer }).toEqual({
      isRepeat: false,
      answer: undefined,
    });
  });

  it('that a dead request has left is taken over by the same request, with its work', async () => {
    const dead = await claimed();
    await past('leaseUntil');
    expect(await keys.claim('k', 'other')).toEqual({ state: 'of_another_request' });
    const [first, second] = await Promise.all([keys.claim('k', 'r'), keys.claim('k', 'r')]);
    expect([first.state, second.state].sort()).toEqual(['claimed', 'running']);
    expect([first, second]).toContainEqual(
      expect.objectContaining({ state: 'claimed', workId: dead.workId, isRepeat: true }),
    );
  });

  it('is not changed any more by the request that was taken for dead', async () => {
    const dead = await claimed();
    await past('leaseUntil');
    await claimed();
    const before = await stored();
    await keys.complete(dead, ANSWER);
    await keys.release(dead);
    await keys.interrupt(dead);
    expect(await stored()).toEqual(before);
  });

  it('is free for any request after a failure', async () => {
    const failed = await claimed();
    await keys.release(failed);
    const next = await claimed('other');
    expect(next).toMatchObject({ isRepeat: false });
    expect(next.workId).not.toEqual(failed.workId);
  });

  it('that was interrupted is free: the same request finds its work, another one has its own', async () => {
    const first = await claimed();
    await keys.interrupt(first);
    const same = await claimed();
    expect(same).toMatchObject({ isRepeat: true, workId: first.workId });
    await keys.interrupt(same);
    const other = await claimed('other');
    expect(other).toMatchObject({ isRepeat: false });
    expect(other.workId).not.toEqual(first.workId);
  });

  it('holds only hashes, times and the answer', async () => {
    await keys.complete(await claimed(), ANSWER);
    expect(Object.keys((await stored()) ?? {}).sort()).toEqual(
      ['_id', 'answer', 'expireAt', 'owner', 'request', 'workId'].sort(),
    );
  });
});

describe('several starts with one id', () => {
  const _id = new Types.ObjectId();
  // What a claim looks at; the rest of a job is left out.
  const start = (tableId: string) =>
    ({
      ...{ _id, tableId, historyId: new Types.ObjectId(), active: true, phase: 'learning' },
      stats: {},
    }) as unknown as SyncJob;

  beforeEach(async () => {
    await db.collection('syncjobs').deleteMany({});
    await store.ensureCriticalIndexes();
  });

  it('make one job, at once and one after the other, also once it has ended', async () => {
    const starts = [start('orders'), start('orders'), start('orders')];
    const claims = await Promise.all(starts.map((job) => jobs.claimActive(job)));
    expect(claims.filter((won) => won)).toHaveLength(1);
    const made = await db.collection('syncjobs').findOne({ _id });
    expect(made?.historyId).toEqual(starts[claims.indexOf(true)]?.historyId);
    expect(await jobs.claimActive(start('orders'))).toBe(false);
    await db
      .collection('syncjobs')
      .updateOne({ _id }, { $set: { phase: 'ended' }, $unset: { active: '' } });
    expect(await jobs.claimActive(start('orders'))).toBe(false);
    expect(await jobs.findStarted(_id)).toMatchObject({ historyId: made?.historyId });
    expect(await db.collection('syncjobs').countDocuments()).toBe(1);
  });

  it('go on where the first one died before its job was active', async () => {
    const { active: _, ...dead } = start('orders');
    await db.collection('syncjobs').insertOne(dead);
    expect(await jobs.findStarted(_id)).toBeNull();
    expect(await jobs.claimActive(start('orders'))).toBe(true);
    expect(await jobs.findStarted(_id)).toMatchObject({ active: true });
  });
});
