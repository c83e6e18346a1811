import { beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS, RECEIPTS, startReconciling } from './reconciling.js';

const { lake, configure, expectEqual, documents, differences, lists, ...stage } =
  await startReconciling();
const { receipts, run, reconcile, wait, pass, live, absentOnce } = stage;
const latestList = () => lists.findOne({}, { sort: { createdAt: -1 } });
const hashHeld = async () => String((await lists.findOne({ state: 'held' }))?.hash);

beforeEach(stage.reset, 60_000);

describe('a row that is gone from an object without a delete flag', () => {
  it('is deleted when it was absent twice, a lookback apart', async () => {
    await lake.delete(RECEIPTS, { SERIALKEY: 7 });
    const first = await reconcile();
    expect(first).toMatchObject({ verdict: 'different', remaining: 1, counts: { extra: 1 } });
    expect(await differences.findOne({ key: 'wmwhse1|K00007' })).toMatchObject({
      kind: 'extra',
      open: true,
      absentSince: expect.any(Date),
    });
    expect((await reconcile()).repaired).toBe(0);
    expect(await live()).toBe(20);

    await wait();
    const third = await reconcile();
    expect(third).toMatchObject({ verdict: 'repaired', repaired: 1, remaining: 0, held: 0 });
    expect(third.exceptions).toEqual([]);
    const deleted = await documents.findOne({ _id: 'wmwhse1|K00007' });
    expect(deleted).toMatchObject({
      RECEIPTKEY: 'K00007',
      _lake: { deletedAt: third.asOf, modifiedAt: third.asOf, inferredAt: expect.any(Date) },
    });
    expect(await reconcile()).toMatchObject({ verdict: 'equal', rows: 19, documents: 19 });
  });

  it('leaves only its key with hard deletes', async () => {
    await configure('receipt', { options: { deleteMode: 'hard' } });
    await lake.delete(RECEIPTS, { SERIALKEY: 7 });
    await absentOnce();
    const { asOf } = await reconcile();
    expect(await documents.findOne({ _id: 'wmwhse1|K00007' })).toEqual({
      _id: 'wmwhse1|K00007',
      SERIALKEY: 7,
      _lake: {
        modifiedAt: asOf,
        deletedAt: asOf,
        inferredAt: expect.any(Date),
        expireAt: new Date(asOf.getTime() + 30 * 24 * HOUR_MS),
      },
    });
  });

  it.each(['soft', 'hard'])('takes its place again in an older version, mode %s', async (mode) => {
    await configure('receipt', { options: { deleteMode: mode } });
    await lake.hide(RECEIPTS, { SERIALKEY: 7 });
    await lake.hide(RECEIPTS, { SERIALKEY: 8 });
    await absentOnce();
    expect(await reconcile()).toMatchObject({ repaired: 2 });
    expect(await live()).toBe(18);
    await lake.show(RECEIPTS, { SERIALKEY: 7 });
    await run({ mode: 'incremental' });
    expect(await live()).toBe(19);
    await lake.show(RECEIPTS, { SERIALKEY: 8 });
    expect(await reconcile()).toMatchObject({ remaining: 0 });
    await expectEqual('receipt');
  });

  it('waits again when it was there in between in another version', async () => {
    await lake.hide(RECEIPTS, { SERIALKEY: 7 });
    await absentOnce();
    await lake.show(RECEIPTS, { SERIALKEY: 7 });
    lake.advance(1_000);
    await lake.edit(RECEIPTS, { SERIALKEY: 7 }, { STATUS: '9' });
    await run({ mode: 'incremental' });
    await lake.hide(RECEIPTS, { SERIALKEY: 7 });
    expect(await reconcile()).toMatchObject({ repaired: 0, counts: { extra: 1 } });
    expect(await live()).toBe(20);
  });

  it('is no difference any more when it is shown again', async () => {
    await lake.hide(RECEIPTS, { SERIALKEY: 7 });
    await absentOnce();
    await lake.show(RECEIPTS);
    expect(await reconcile()).toMatchObject({ verdict: 'equal', remaining: 0 });
    await lake.hide(RECEIPTS, { SERIALKEY: 7 });
    expect(await reconcile()).toMatchObject({ repaired: 0, remaining: 1 });
    expect(await live()).toBe(20);
  });

  it('is left alone where the document is of a warehouse that is not configured', async () => {
    await lake.insert(RECEIPTS, receipts(5, 'wmwhse2'));
    await run({});
    await configure('receipt', { options: { whseid: 'wmwhse1' } });
    await run({ mode: 'full' });
    await lake.delete(RECEIPTS, { SERIALKEY: 22 });
    await lake.delete(RECEIPTS, { SERIALKEY: 7 });
    await absentOnce();
    const { counts, repaired } = await reconcile();
    expect({ counts, repaired }).toMatchObject({
      counts: { outOfScope: 5, extra: 1 },
      repaired: 1,
    });
    expect(await documents.findOne({ _id: 'wmwhse2|K00022' })).not.toHaveProperty(
      '_lake.deletedAt',
    );
  });
});

describe('the guard', () => {
  const heldFor = async (reason: string | RegExp) => {
    const count = await live();
    await absentOnce();
    const certificate = await reconcile();
    expect(certificate.held).toBeGreaterThan(0);
    expect(['different', 'unproven']).toContain(certificate.verdict);
    expect(await live()).toBe(count);
    const list = await latestList();
    expect(list).toMatchObject({ state: 'held' });
    expect(list?.reasons.join()).toMatch(reason);
  };

  it('holds an emptied object, and lets exactly that list through once it is confirmed', async () => {
    await lake.delete(RECEIPTS, 'SERIALKEY > 0');
    await heldFor('listing_empty');
    const hash = await hashHeld();
    const certificate = await reconcile({ confirms: hash });
    expect(certificate).toMatchObject({ repaired: 20, verdict: 'unproven' });
    expect(await live()).toBe(0);
    expect(await lists.countDocuments({ state: 'held' })).toBe(0);
  });

  it('holds all of a warehouse that has no rows any more, of 90 rows too', async () => {
    await lake.insert(RECEIPTS, receipts(90, 'wmwhse3'));
    await run({});
    await lake.delete(RECEIPTS, { WHSEID: 'wmwhse3' });
    await heldFor('warehouse_without_rows:wmwhse3');
  });

  it('holds more than half of a table', async () => {
    await lake.delete(RECEIPTS, 'SERIALKEY <= 11');
    await heldFor(/half_of_table/);
  });

  it('deletes nothing where the configuration names the wrong warehouses', async () => {
    await configure('receipt', { options: { whseid: 'WMWHSE1' } });
    await absentOnce();
    expect(await reconcile()).toMatchObject({ repaired: 0, verdict: 'unproven', rows: 0 });
    expect(await live()).toBe(20);
  });

  it('counts what goes bit by bit, over a day and over a month', { timeout: 120_000 }, async () => {
    await lake.insert(RECEIPTS, receipts(1_980));
    await run({});
    const removeSome = async (from: number, to: number) => {
      await lake.delete(RECEIPTS, `SERIALKEY >= ${from} AND SERIALKEY < ${to}`);
      await absentOnce();
      return reconcile();
    };
    expect(await removeSome(1, 91)).toMatchObject({ repaired: 90 });
    // 90 and 20 are more than 5 % of 2,000.
    expect(await removeSome(91, 111)).toMatchObject({ repaired: 0, held: 20 });
    await pass(25 * HOUR_MS);
    expect(await reconcile()).toMatchObject({ repaired: 20 });
    for (let day = 0; day < 3; day++) {
      await pass(25 * HOUR_MS);
      expect(await removeSome(111 + day * 80, 191 + day * 80)).toMatchObject({ repaired: 80 });
    }
    await pass(25 * HOUR_MS);
    expect(await removeSome(351, 410)).toMatchObject({ repaired: 0, held: 59 });
    expect((await latestList())?.reasons).toEqual(['share_of_month']);
  });

  it('lets only those go that are still absent in the same version when the list is confirmed', async () => {
    await lake.hide(RECEIPTS, 'SERIALKEY <= 12');
    await heldFor('half_of_table');
    const hash = await hashHeld();
    await lake.show(RECEIPTS, { SERIALKEY: 1 });
    await documents.updateOne({ SERIALKEY: 2 }, { $set: { '_lake.modifiedAt': new Date(5) } });
    expect(await reconcile({ confirms: hash })).toMatchObject({ repaired: 10 });
    expect(await live()).toBe(10);
    expect(await documents.countDocuments({ SERIALKEY: { $in: [1, 2] } })).toBe(2);
  });

  it('deletes nothing of a confirmed list where the lake answers with nothing', async () => {
    await lake.hide(RECEIPTS, 'SERIALKEY <= 12');
    await heldFor('half_of_table');
    const hash = await hashHeld();
    await lake.hide(RECEIPTS, 'SERIALKEY > 12');
    expect(await reconcile({ confirms: hash })).toMatchObject({ repaired: 0, verdict: 'unproven' });
    expect(await live()).toBe(20);
    await lake.show(RECEIPTS, 'SERIALKEY > 12');
    expect(await reconcile({ confirms: hash })).toMatchObject({ repaired: 12 });
  });

  it('takes no hash but that of the latest list', async () => {
    await lake.delete(RECEIPTS, 'SERIALKEY <= 11');
    await heldFor('half_of_table');
    const stale = await hashHeld();
    await lake.delete(RECEIPTS, { SERIALKEY: 12 });
    await absentOnce();
    await reconcile();
    expect(await hashHeld()).not.toBe(stale);
    expect(await reconcile({ confirms: stale })).toMatchObject({
      repaired: 0,
      exceptions: [{ reason: 'list_not_held' }, { reason: 'list_only' }],
    });
    expect(await live()).toBe(20);
    expect(await reconcile({ confirms: await hashHeld() })).toMatchObject({ repaired: 12 });
  });

  it('forgets a list whose rows are there again', async () => {
    await lake.hide(RECEIPTS, 'SERIALKEY <= 12');
    await heldFor('half_of_table');
    const hash = await hashHeld();
    await lake.show(RECEIPTS);
    expect(await reconcile()).toMatchObject({ verdict: 'equal', held: 0 });
    expect(await lists.countDocuments({ state: 'held' })).toBe(0);
    expect(await reconcile({ confirms: hash })).toMatchObject({ repaired: 0 });
  });
});
