import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../src/models/refusal.js';
import { PAUSED_BY_REQUEST, type SyncConfig } from '../../src/models/sync-config.js';
import {
  type JudgedCertificate,
  type JudgedRun,
  lastProven,
  type VerdictFacts,
  verdictOf,
} from '../../src/models/table-verdict.js';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const ID = new Types.ObjectId('65a0000000000000000000aa');

/** Of a table that ran ten minutes ago, as it should. */
function config(changes: Record<string, unknown> = {}): SyncConfig {
  return {
    ...{ tableId: 'orders', tableName: 'Orders', enabled: true, syncFrequency: 30 },
    ...{ reconcileFrequency: 1_440, failureCount: 0, watermark: ago(20), nextRunAt: ago(-20) },
    ...{ createdAt: ago(9_000), updatedAt: ago(9), options: {} },
    ...changes,
  } as SyncConfig;
}

function run(changes: Partial<JudgedRun> = {}): JudgedRun {
  return {
    ...{ historyId: String(ID), status: 'completed', outcome: 'complete', how: 'result' },
    ...{ startTime: ago(10), endTime: ago(9), own: true, refused: false },
    ...changes,
  } as JudgedRun;
}

function certificate(changes: Partial<JudgedCertificate> = {}): JudgedCertificate {
  const counts = { unreadable: 0 } as JudgedCertificate['counts'];
  const equal = { verdict: 'equal', remaining: 0, held: 0, exceptions: [] } as const;
  return { _id: ID, asOf: ago(60), counts, ...equal, ...changes };
}

function judge(changes: Partial<VerdictFacts> = {}) {
  return verdictOf({
    ...{ now: NOW, config: config(), runs: [run()], running: false, certificate: undefined },
    ...{ openDifferences: 0, held: undefined, refusals: [], freshnessLimitMinutes: null },
    ...changes,
  });
}

const failed = (changes: Partial<JudgedRun> = {}) =>
  run({ status: 'failed', outcome: 'failed', how: null, error: 'no', errorCode: 'X', ...changes });
const refusal = (changes: Partial<Refusal> = {}): Refusal => ({
  ...{ historyId: ID, since: ago(50), lastTime: ago(5), count: 3, source: 's', error: 'no' },
  errorCode: 'TARGET_EARLIER' as never,
  ...changes,
});
const held = { deletes: 812, createdAt: ago(30) };

type Row = [title: string, facts: Partial<VerdictFacts>, verdict: object];

describe('a table in order', () => {
  it.each<Row>([
    ['is proven by its last run', {}, { kind: 'proven', asOf: ago(10), how: 'result' }],
    [
      'is equal by a certificate of what is configured',
      { certificate: certificate() },
      { kind: 'equal', asOf: ago(60), jobId: String(ID) },
    ],
    [
      'is equal where the comparison repaired what it found',
      { certificate: certificate({ verdict: 'repaired' }) },
      { kind: 'equal' },
    ],
    [
      'is equal for two intervals of its comparisons',
      { certificate: certificate({ asOf: ago(2_880) }) },
      { kind: 'equal' },
    ],
    [
      'is only proven after that',
      { certificate: certificate({ asOf: ago(2_881) }) },
      { kind: 'proven' },
    ],
    [
      'is equal for a day if no comparison is scheduled',
      {
        config: config({ reconcileFrequency: undefined }),
        certificate: certificate({ asOf: ago(1_441) }),
      },
      { kind: 'proven' },
    ],
    [
      'is only proven by a comparison that proved nothing',
      { certificate: certificate({ verdict: 'unproven' }) },
      { kind: 'proven' },
    ],
    [
      'is proven by a run that found nothing new',
      { runs: [run({ outcome: 'nothing_new', how: 'unchanged' })] },
      { kind: 'proven', how: 'unchanged' },
    ],
    [
      'is proven with rejects, which are listed',
      { runs: [run({ outcome: 'with_rejects' })] },
      { kind: 'proven' },
    ],
    [
      'is proven without a watermark if the lake has no row',
      {
        config: config({ watermark: undefined }),
        runs: [run({ outcome: 'nothing_new', how: 'empty' })],
      },
      { kind: 'proven', how: 'empty' },
    ],
    [
      'is judged by the last run of what is configured',
      { runs: [failed({ own: false }), run()] },
      { kind: 'proven', asOf: ago(10) },
    ],
    [
      'is not failing because a run was canceled',
      { runs: [failed({ outcome: 'canceled' }), run()] },
      { kind: 'proven' },
    ],
    [
      'is not failing because of a run of another source',
      { runs: [failed({ errorCode: 'SOURCE_CHANGED' }), run()] },
      { kind: 'proven' },
    ],
    [
      'is not behind while its next run is under way',
      { running: true, config: config({ nextRunAt: ago(20), updatedAt: ago(20) }) },
      { kind: 'proven' },
    ],
  ])('%s', (_, facts, verdict) => {
    expect(judge(facts)).toMatchObject(verdict);
  });
});

describe('a table that is behind', () => {
  it.each<Row>([
    [
      'is due, and nothing starts it',
      { config: config({ nextRunAt: ago(16), updatedAt: ago(40) }) },
      { kind: 'behind', reason: 'overdue', since: ago(10), limitMinutes: 45 },
    ],
    [
      'was proven too long ago, though a run is under way',
      { running: true, runs: [run({ startTime: ago(76) })] },
      { kind: 'behind', reason: 'overdue', since: ago(76), limitMinutes: 75 },
    ],
    [
      'has stopped at its row limit',
      { config: config({ leftovers: { offset: 2 } }), runs: [run({ outcome: 'partial' }), run()] },
      { kind: 'behind', reason: 'rows_left', since: ago(10), limitMinutes: null },
    ],
    ['is being rebuilt', { config: config({ rebuilding: true }) }, { reason: 'rows_left' }],
    [
      'was limited by the request, and keeps no rest',
      { runs: [run({ outcome: 'partial', how: 'limited' }), run({ startTime: ago(30) })] },
      { kind: 'behind', reason: 'not_proven', since: ago(30) },
    ],
    [
      'has a run without a proof',
      { runs: [run({ how: null })] },
      { kind: 'behind', reason: 'not_proven', since: ago(20) },
    ],
    [
      'has lost its watermark since the last proof',
      { config: config({ watermark: undefined }) },
      { kind: 'behind', reason: 'never_complete', since: null },
    ],
    [
      'was only run by an earlier version',
      { config: config({ watermark: undefined }), runs: [run({ outcome: null, how: null })] },
      { kind: 'behind', reason: 'never_complete' },
    ],
    [
      'has a watermark of the future',
      { config: config({ watermark: ago(-60) }) },
      { kind: 'behind', reason: 'never_complete', since: null },
    ],
    [
      'has only a proof of the future',
      { runs: [run({ startTime: ago(-60) })] },
      { kind: 'behind', reason: 'not_proven', since: ago(20) },
    ],
    [
      'gets no new rows from the source',
      { freshnessLimitMinutes: 19 },
      { kind: 'behind', reason: 'source_silent', since: ago(20), limitMinutes: 19 },
    ],
    [
      'has a watermark, and no run on record any more',
      { runs: [] },
      { kind: 'behind', reason: 'not_proven', since: ago(20) },
    ],
  ])('%s', (_, facts, verdict) => {
    expect(judge(facts)).toMatchObject(verdict);
  });

  it('is within the limits up to the minute', () => {
    const runs = [run({ startTime: ago(75) })];
    expect(judge({ runs, running: true }).kind).toBe('proven');
    expect(judge({ freshnessLimitMinutes: 20 }).kind).toBe('proven');
    const due = config({ nextRunAt: ago(15), updatedAt: ago(40) });
    expect(judge({ config: due }).kind).toBe('proven');
  });
});

describe('a table that needs somebody', () => {
  it.each<Row>([
    ['has no configuration', { config: undefined, held }, { kind: 'not_configured' }],
    [
      'has never run',
      { config: config({ watermark: undefined }), runs: [] },
      { kind: 'never_run' },
    ],
    [
      'has never run, and is being run',
      {
        config: config({ watermark: undefined }),
        running: true,
        runs: [run({ status: 'in_progress', outcome: null, endTime: null, how: null })],
      },
      { kind: 'never_run' },
    ],
    [
      'is paused by a user',
      { config: config({ pausedReason: PAUSED_BY_REQUEST }) },
      { kind: 'paused', by: 'request', reason: PAUSED_BY_REQUEST },
    ],
    [
      'was given up by the schedule',
      { config: config({ pausedReason: '10 failures in a row' }), runs: [failed()] },
      { kind: 'paused', by: 'failures', reason: '10 failures in a row' },
    ],
    [
      'is paused by a field without a reason',
      { config: config({ pausedReason: null }) },
      { kind: 'paused', by: 'request', reason: null },
    ],
    [
      'is disabled',
      { config: config({ enabled: false }), certificate: certificate() },
      { kind: 'paused', by: 'disabled', reason: null },
    ],
    [
      'fails, since the first of the failures in a row',
      { runs: [failed(), failed({ endTime: ago(70) }), run({ startTime: ago(100) })] },
      { kind: 'failing', what: 'run', since: ago(70), failures: 2, error: 'no', errorCode: 'X' },
    ],
    [
      'fails more often than the runs on record',
      { config: config({ failureCount: 7 }), runs: [failed()] },
      { kind: 'failing', failures: 7 },
    ],
    [
      'fails by its status, whatever its outcome says',
      { runs: [run({ status: 'failed' })] },
      { kind: 'failing', what: 'run', error: null, errorCode: null },
    ],
    [
      "can't be started",
      { refusals: [refusal(), refusal({ since: ago(90), lastTime: ago(80), error: 'old' })] },
      { kind: 'failing', what: 'start', since: ago(90), failures: 3, error: 'no' },
    ],
    [
      'failed to be started, for a cause that may pass',
      { config: config({ failureCount: 2 }) },
      { kind: 'failing', what: 'start', since: ago(9), failures: 2, error: null, historyId: null },
    ],
    [
      'has deletes that wait, though it is equal otherwise',
      { held, certificate: certificate() },
      { kind: 'held', deletes: 812, since: ago(30) },
    ],
    [
      'differs from the lake',
      { openDifferences: 4, certificate: certificate({ verdict: 'different', remaining: 3 }) },
      { kind: 'different', differences: 4, asOf: ago(60) },
    ],
    [
      'differs by more than its differences',
      {
        openDifferences: 4,
        certificate: certificate({
          ...{ verdict: 'different', remaining: 6 },
          counts: { unreadable: 2 } as JudgedCertificate['counts'],
          exceptions: [{ reason: 'unnamed_rows', message: '', count: 1 }],
        }),
      },
      { kind: 'different', differences: 9 },
    ],
    [
      'differs, by a comparison of other warehouses',
      { openDifferences: 1 },
      { kind: 'different', differences: 1, asOf: null },
    ],
  ])('%s', (_, facts, verdict) => {
    expect(judge(facts)).toMatchObject(verdict);
  });
});

it('names the gravest finding of several', () => {
  const all = {
    ...{ held, openDifferences: 1, certificate: certificate(), refusals: [refusal()] },
    config: config({ pausedReason: 'x', leftovers: {}, watermark: undefined }),
  };
  const watermark = { watermark: ago(20) };
  const steps = [
    all,
    { ...all, config: config({ leftovers: {}, watermark: undefined }) },
    { ...all, refusals: [], runs: [], config: config({ watermark: undefined }) },
    { ...all, refusals: [], config: config({ leftovers: {}, ...watermark }) },
    { ...all, refusals: [], config: config() },
    { ...all, refusals: [], config: config(), held: undefined },
    { ...all, refusals: [], config: config(), held: undefined, openDifferences: 0 },
    {},
  ];
  expect(steps.map((facts) => judge(facts as Partial<VerdictFacts>).kind)).toEqual([
    ...['paused', 'failing', 'never_run', 'behind', 'held', 'different', 'equal', 'proven'],
  ]);
});

describe('times and documents that cannot be relied on', () => {
  it('takes a clock that is a little ahead for the present', () => {
    const runs = [run({ startTime: ago(-4) })];
    expect(judge({ runs })).toMatchObject({ kind: 'proven', asOf: NOW });
    const equal = certificate({ asOf: ago(-4) });
    expect(judge({ certificate: equal })).toMatchObject({ kind: 'equal', asOf: NOW });
    expect(judge({ certificate: certificate({ asOf: ago(-6) }) })).toMatchObject({
      kind: 'proven',
    });
  });

  it('judges a configuration of an earlier version, with texts for times and numbers', () => {
    const texts = { watermark: ago(20).toISOString(), updatedAt: ago(9).toISOString() };
    const numbers = { syncFrequency: '30', failureCount: undefined, nextRunAt: '?' };
    expect(judge({ config: config({ ...texts, ...numbers }) })).toMatchObject({ kind: 'proven' });
  });

  it('judges a configuration that has next to nothing', () => {
    const bare = { tableId: 'x' } as SyncConfig;
    expect(judge({ config: bare })).toMatchObject({ kind: 'paused', by: 'disabled' });
    const enabled = { tableId: 'x', enabled: true } as SyncConfig;
    expect(judge({ config: enabled })).toMatchObject({ kind: 'behind', reason: 'never_complete' });
    const withWatermark = { ...enabled, watermark: ago(1) } as SyncConfig;
    expect(judge({ config: withWatermark })).toMatchObject({ kind: 'proven' });
  });

  it('finds no proof among runs that have none', () => {
    const without = [
      ...[failed(), run({ own: false }), run({ how: 'limited' }), run({ outcome: null })],
      ...[run({ status: 'in_progress' }), run({ startTime: ago(-60) })],
    ];
    expect(lastProven(without, NOW)).toBeUndefined();
    const proven = run({ startTime: ago(99) });
    expect(lastProven([...without, proven, run()], NOW)).toBe(proven);
  });
});
