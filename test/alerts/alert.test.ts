import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { alertsForEndedRun, ofFreshness, type Standing } from '../../src/alerts/alert.js';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { SyncJob } from '../../src/models/sync-job.js';

type Ended = Parameters<typeof alertsForEndedRun>[0];

const stats = (errorRecords: number, unreadableRecords = 0) =>
  ({ errorRecords, unreadableRecords, processedRecords: 9 }) as SyncJob['stats'];

/** An own run that succeeded. What alerts don't look at is left out. */
function run(changes: Partial<SyncJob>): Ended {
  return {
    _id: new Types.ObjectId(),
    historyId: new Types.ObjectId(),
    tableName: 'Receipt',
    scope: { own: true },
    stats: stats(0),
    ...changes,
  } as Ended;
}

const failed = { error: 'no', errorCode: 'LAKE_QUERY_FAILED' as const, errorDetails: [] };
const canceled = { ...failed, errorCode: 'SYNC_CANCELED' as const };
const adHoc = { scope: { own: false } };
const rejecting = { stats: stats(2) };
const unreadable = { stats: stats(0, 2) };

describe('the end of a run', () => {
  it.each<[string, Partial<SyncJob>, Standing, string[], string[]]>([
    ['succeeded', {}, { paused: false }, [], ['failed', 'stalled', 'paused', 'rejects']],
    ['succeeded though paused', {}, { paused: true }, [], ['failed', 'stalled', 'rejects']],
    ['rejected rows', rejecting, { paused: false }, ['rejects'], ['failed', 'stalled', 'paused']],
    [
      'could not read all',
      unreadable,
      { paused: false },
      ['rejects'],
      ['failed', 'stalled', 'paused'],
    ],
    ['read other rows', adHoc, { paused: false }, [], []],
    ['failed', failed, { paused: false }, ['failed'], []],
    ['failed on other rows', { ...failed, ...adHoc }, { paused: false }, ['failed'], []],
    ['failed too often', failed, { paused: false, givenUp: 'ten' }, ['failed', 'paused'], []],
    [
      'rejected and failed',
      { ...failed, ...rejecting },
      { paused: false },
      ['failed', 'rejects'],
      [],
    ],
    ['was canceled', canceled, { paused: false }, [], []],
  ])('that %s', (_, changes, standing, raised, closed) => {
    const { raise, close } = alertsForEndedRun(run(changes), standing);
    expect(raise.map(({ event }) => event)).toEqual(raised);
    expect(close).toEqual(closed);
  });
});

describe('rejected rows', () => {
  it.each([
    [1, undefined, /^1 of 9 rows of Receipt (?!.*%)/],
    [2, true, /^2 of 9 rows of Receipt .*22 %/],
    [9, true, /^9 of 9 rows of Receipt .*100 %/],
  ])('are urgent from a fifth of all on: %d of 9', (rejected, urgent, message) => {
    const { raise } = alertsForEndedRun(run({ stats: stats(rejected) }), { paused: false });
    expect(raise).toMatchObject([{ event: 'rejects', message: expect.stringMatching(message) }]);
    expect(raise[0]?.urgent).toBe(urgent);
  });

  it('and unreadable values are told in one message', () => {
    const { raise } = alertsForEndedRun(run({ stats: stats(1, 3) }), { paused: false });
    expect(raise).toHaveLength(1);
    expect(raise[0]?.message).toMatch(/^1 of 9 rows of Receipt .*\b3 of 9 rows of Receipt /);
  });
});

describe('freshness', () => {
  const now = new Date('2026-03-01T12:00:00.000Z');
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

  it.each<[string, Partial<SyncConfig>, boolean]>([
    ['a change within the limit', { watermark: ago(60), updatedAt: ago(900) }, true],
    ['an older one', { watermark: ago(61), updatedAt: ago(1) }, false],
    ['none yet, set up just now', { updatedAt: ago(59) }, true],
    ['none since it was set up', { updatedAt: ago(61) }, false],
  ])('with %s', (_, config, fresh) => {
    const { raise, close } = ofFreshness({ tableName: 'x', ...config } as SyncConfig, 60, now);
    expect({ raised: raise.length, closed: close.length }).toEqual(
      fresh ? { raised: 0, closed: 1 } : { raised: 1, closed: 0 },
    );
  });
});
