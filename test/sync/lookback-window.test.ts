import { describe, expect, it } from 'vitest';
import type { WindowGroup } from '../../src/datafabric/window-groups.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { isUnchanged, windowAhead } from '../../src/sync/lookback-window.js';

const at = (time: string) => new Date(`2026-01-10T${time}Z`);
const group = (modified: string, serial = 1n, whseid = 'wmwhse1'): WindowGroup => ({
  ...{ whseid, modified, rows: 1n },
  ...{ serialSum: serial, minSerial: serial, maxSerial: serial },
});
const OLD = group('2026-01-10T11:40:00.000Z');
const NEW = group('2026-01-10T12:30:00.000Z', 2n);

/** Of what a job is these functions look at. */
const job = (changes: Partial<SyncJob> = {}) =>
  ({
    hashes: { scope: 'scope', source: 'source', shape: 'shape' },
    ...{ deleteFlag: true, deleteMode: 'soft', lookbackMinutes: 30 },
    range: { from: at('11:30:00.000'), ceiling: at('12:30:00.000') },
    ...{ watermarkBefore: at('12:00:00.000'), asOf: at('13:00:00.000') },
    ...changes,
  }) as SyncJob;

/** The next run over the same lake, after one that read `groups`. */
const next = (groups: readonly WindowGroup[], changes: Partial<SyncJob> = {}) =>
  job({
    range: { from: at('12:00:00.000') },
    window: { lastDigest: windowAhead(job(), groups)?.digest ?? '' },
    ...changes,
  });

describe('the window of the next run', () => {
  it('has the groups from its own lower bound on, in whatever order they come', () => {
    const more = group('2026-01-10T12:00:00.000001Z', 5n);
    expect(windowAhead(job(), [OLD, NEW])?.keySum).toBe('3');
    expect(isUnchanged(next([OLD, NEW, more]), [more, NEW])).toBe(true);
  });

  it.each<[string, readonly WindowGroup[], Partial<SyncJob>?]>([
    ['a row less', []],
    ['a row more', [NEW, group('2026-01-10T12:00:00.000Z')]],
    ['a row of another key', [{ ...NEW, serialSum: 3n }]],
    ['keys that only add up to the same', [{ ...NEW, minSerial: 1n }]],
    ['another time, finer than a millisecond', [group('2026-01-10T12:30:00.000001Z', 2n)]],
    ['another warehouse', [group(NEW.modified, 2n, 'wmwhse2')]],
    ['another lower bound', [NEW], { range: { from: at('12:00:00.001') } }],
    ['another view', [NEW], { deleteFlag: false }],
    ['another epoch', [NEW], { epoch: 1 }],
    ['another source', [NEW], { hashes: { scope: 'scope', source: 'other', shape: 'shape' } }],
    ['no digest', [NEW], { window: {} }],
  ])('is another one with %s', (_, groups, changes) => {
    expect(isUnchanged(next([OLD, NEW]), [NEW])).toBe(true);
    expect(isUnchanged(next([OLD, NEW], changes), groups)).toBe(false);
  });
});
