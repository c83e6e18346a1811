import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { SyncJob } from '../../src/models/sync-job.js';
import type { DecodedRow } from '../../src/rows/decoder.js';
import type { StoredVersion } from '../../src/store/row-comparison.js';
import { certificateOf } from '../../src/sync/reconcile/certificate.js';
import { classify, type Evidence } from '../../src/sync/reconcile/classify.js';
import { type GuardInput, reasonsToHold } from '../../src/sync/reconcile/delete-guard.js';

const row = (modifiedMs: number, more: Partial<DecodedRow> = {}) =>
  ({
    modifiedMs,
    deleted: false,
    serialKey: 5,
    document: { WHSEID: 'w' },
    ...more,
  }) as DecodedRow;
const stored = (
  modifiedMs: number | undefined,
  more: Partial<StoredVersion> = {},
): StoredVersion => ({
  key: 'w|A',
  modifiedMs,
  deleted: false,
  serialKey: 5,
  whseid: 'w',
  ...more,
});

describe('what a second reading finds', () => {
  it.each<[string, Partial<Evidence>, string]>([
    ['the same version', { lake: [row(10)], stored: stored(10) }, 'none'],
    ['no document', { lake: [row(10)] }, 'missing'],
    ['a deleted document', { lake: [row(10)], stored: stored(10, { deleted: true }) }, 'missing'],
    ['an older version', { lake: [row(10)], stored: stored(9) }, 'stale'],
    ['a later version', { lake: [row(10)], stored: stored(11) }, 'newer'],
    ['another SERIALKEY', { lake: [row(10, { serialKey: 6 })], stored: stored(10) }, 'content'],
    ['another warehouse', { lake: [row(10)], stored: stored(10, { whseid: 'W' }) }, 'content'],
    ['no row', { stored: stored(10) }, 'extra'],
    ['nothing on both sides', {}, 'none'],
    ['no row, and a deleted document', { stored: stored(10, { deleted: true }) }, 'none'],
    ['a deleted row', { lake: [row(10, { deleted: true })], stored: stored(9) }, 'stale'],
    ['a row above the ceiling', { lake: [row(101)], stored: stored(9) }, 'inFlight'],
    [
      'a delete above the ceiling',
      { lake: [row(101, { deleted: true })], stored: stored(9) },
      'inFlight',
    ],
    ['two live rows', { lake: [row(10), row(11)], stored: stored(10) }, 'collision'],
    [
      'a live and a deleted row',
      { lake: [row(10), row(9, { deleted: true })], stored: stored(10) },
      'none',
    ],
    ['a document of somebody else', { lake: [row(10)], stored: stored(undefined) }, 'foreign'],
    [
      'no row for a document with an open reject',
      { stored: stored(10), rejected: true },
      'rejected',
    ],
    ['a row that was rejected', { lake: [row(10)], rejected: true }, 'rejected'],
    ['a row that can’t be decoded', { undecoded: [10] }, 'rejected'],
    ['one without an index time', { undecoded: [undefined], stored: stored(10) }, 'rejected'],
    ['one above the ceiling', { undecoded: [101], stored: stored(10) }, 'inFlight'],
    ['an open reject of a row that is gone', { rejected: true }, 'none'],
  ])('%s', (_what, evidence, kind) => {
    const known = { lake: [], stored: undefined, rejected: false, ceilingMs: 100 };
    expect(classify({ ...known, ...evidence }).kind).toBe(kind);
  });
});

describe('the guard', () => {
  const warehouses = [
    { whseid: 'a', rows: 5_000, documents: 5_000 },
    { whseid: 'b', rows: 80, documents: 90 },
    { whseid: 'c', rows: 0, documents: 10 },
  ];
  it.each<[string, Record<string, number>, Partial<GuardInput>, string[]]>([
    ['100 documents', { a: 100 }, {}, []],
    ['5 %', { a: 255 }, {}, []],
    ['more than 5 %', { a: 256 }, {}, ['share_of_day']],
    ['with those of the day', { a: 1 }, { lastDay: 300, lastMonth: 300 }, ['share_of_day']],
    ['few of the day', { a: 1 }, { lastDay: 99, lastMonth: 99 }, []],
    ['with those of the month', { a: 1 }, { lastMonth: 1_300 }, ['share_of_month']],
    ['another share', { a: 256 }, { percent: 10 }, []],
    ['half of a warehouse', { b: 45 }, {}, []],
    ['more than half of a warehouse', { b: 46 }, {}, ['half_of_warehouse:b']],
    ['a warehouse without rows', { c: 1 }, {}, ['warehouse_without_rows:c']],
    ['a warehouse that nobody has listed', { d: 1 }, {}, ['warehouse_without_rows:d']],
    ['absence not proven', { a: 1 }, { absenceProven: false }, ['absence_not_proven']],
  ])('%s', (_what, deletes, more, reasons) => {
    const known = { warehouses, lastDay: 0, lastMonth: 0, percent: 5, absenceProven: true };
    const input = { ...known, ...more, deletes: new Map(Object.entries(deletes)) };
    expect(reasonsToHold(input)).toEqual(reasons);
  });

  it('holds all of a small table, and an empty listing', () => {
    const input = { lastDay: 0, lastMonth: 0, percent: 5, absenceProven: true };
    const table = [{ whseid: 'a', rows: 0, documents: 90 }];
    expect(reasonsToHold({ ...input, deletes: new Map([['a', 90]]), warehouses: table })).toEqual([
      'listing_empty',
      'warehouse_without_rows:a',
      'half_of_table',
    ]);
  });
});

describe('a certificate', () => {
  const cost = { queries: 1, pages: 1, rowsRead: 1, workMs: 1 };
  const job = {
    _id: new Types.ObjectId(),
    tableId: 'receipt',
    scope: { own: true },
    range: {},
  } as unknown as SyncJob;
  const outcome = { remaining: 0, held: 0, deleted: 0, foreign: 0, unreadable: 0 };
  const issue = (reconcile: object, more: object = {}) =>
    certificateOf(
      job,
      { repair: true, cost, ...reconcile },
      {
        ...outcome,
        endedAt: new Date(5),
        ...more,
      },
    );

  it.each<[string, object, object, string]>([
    ['nothing', {}, {}, 'equal'],
    ['repairs', { repaired: 2 }, {}, 'repaired'],
    ['deletes', {}, { deleted: 1 }, 'repaired'],
    ['a difference', { repaired: 2 }, { remaining: 1 }, 'different'],
    ['a document of somebody else', {}, { foreign: 1 }, 'different'],
    ['a value that can’t be read', {}, { unreadable: 1 }, 'different'],
    ['a key that can’t be asked for', { counts: { unasked: 1 } }, {}, 'unproven'],
    [
      'a refused listing',
      { exceptions: [{ reason: 'listing_refused', message: '' }] },
      {},
      'unproven',
    ],
    [
      'an empty listing',
      { exceptions: [{ reason: 'listing_empty', message: '' }] },
      {},
      'unproven',
    ],
    ['a confirmed list', { confirms: 'hash' }, { deleted: 1 }, 'unproven'],
  ])('of a run with %s', (_what, reconcile, more, verdict) => {
    expect(issue(reconcile, more).verdict).toBe(verdict);
  });

  it('counts a document of somebody else once, under a key of the lake’s too', () => {
    const certificate = issue({ counts: { foreign: 1 } }, { foreign: 2, remaining: 1 });
    expect(certificate).toMatchObject({ remaining: 2, counts: { foreign: 2 } });
  });
});
