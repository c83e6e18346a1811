import { afterAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../dev/mongodb/free-port.js';
import { testSyncApi } from '../../dev/test-sync-api/command.js';
import { createScreen } from '../../dev/test-sync-api/screen.js';
import { entryOf } from '../../src/errors/codes.js';
import { startBackend } from '../support/backend.js';
import { type AnswerCall, startSite } from './test-sync-api-site.js';

const TOKEN = 'test-token-that-is-no-secret';
const { call, configure, config, db } = await startBackend({ rows: 100 });
await call('init-sync-config', { body: {} });

/** What the command prints, without a terminal, and its exit code. */
async function run(...args: string[]): Promise<{ code: number; text: string; lines: string[] }> {
  let text = '';
  const screen = createScreen({ write: (part) => (text += part) });
  const code = await testSyncApi(args, {}, screen);
  return { code, text, lines: text.split('\n').filter((line) => /^[✓✗]/.test(line)) };
}

const workers: Promise<Response>[] = [];
afterAll(() => Promise.all(workers));

/** What the schedule of another test has started is at its end. */
const nothingRuns = () =>
  expect.poll(() => db.collection('syncjobs').countDocuments({ active: true })).toBe(0);

const functions: AnswerCall = async (name, request) => {
  const { default: handle } = await import(`../../netlify/functions/${name}.ts`);
  const answer: Promise<Response> = handle(request, {});
  if (!name.endsWith('-background')) return answer;
  workers.push(answer);
  return new Response(null, { status: 202 });
};

describe('a deployment that is well', () => {
  it('answers all operations', async () => {
    const url = await startSite(functions);
    const { code, lines } = await run('--url', url, '--token', TOKEN);
    expect(lines.map((line) => line.slice(0, 26).trim())).toEqual([
      '✓ POST init-sync-config',
      '✓ GET sync-config',
      '✓ PUT sync-config',
      '✓ POST sync-table',
      '✓ GET sync-status',
      '✓ GET sync-history',
      '✓ PUT update-sync-history',
      '✓ GET sync-stats',
      '✓ GET health?deep=1',
      '✓ POST scheduled-sync',
    ]);
    expect(code).toBe(0);
  });

  it('keeps its settings', async () => {
    await configure('orders', { enabled: false, syncFrequency: 77, description: 'mine' });
    const settings = async () => {
      const { enabled, syncFrequency, description, batchSize, options } = await config('orders');
      return { enabled, syncFrequency, description, batchSize, options };
    };
    const before = await settings();
    const url = await startSite(functions);
    await run('--url', url, '--token', TOKEN, '--table', 'orders');
    expect(await settings()).toEqual(before);
  });

  it('has the sync started of the table that is named', async () => {
    await nothingRuns();
    const url = await startSite(functions);
    const { text } = await run('--url', url, '--token', TOKEN, '--table', 'receipt');
    expect(text).toMatch(/^✓ POST sync-table .*completed/m);
    expect(text).toMatch(/\d runs? of receipt/);
    const again = await run('--url', url, '--token', TOKEN, '--table', 'receipt');
    expect(again.text).toMatch(/0 updated,\s+\d+\s+unchanged/);
  });

  it('keeps its history', async () => {
    const entries = async () => {
      const { body } = await call('sync-history', { query: { tableId: 'orders' } });
      const history: unknown = body.history;
      // The endpoint's own list.
      return (history as Record<string, unknown>[]).map(({ updatedAt: _, ...rest }) => rest);
    };
    const before = await entries();
    const url = await startSite(functions);
    const { lines } = await run('--url', url, '--token', TOKEN, '--table', 'orders');
    expect(lines).toContainEqual(expect.stringMatching(/^✓ PUT update-sync-history .*as it was/));
    expect(before.length).toBeGreaterThan(0);
    expect((await entries()).slice(-before.length)).toEqual(before);
  });

  it.each<[string, () => Response | undefined]>([
    ['has no address', () => undefined],
    [
      'is answered for by the CLI',
      () =>
        new Response(
          'You performed an HTTP request to `/.netlify/functions/scheduled-sync`, which is a scheduled function.\n',
        ),
    ],
  ])('runs what is due on demand where the scheduled function %s', async (_how, scheduled) => {
    const url = await startSite((name, request) =>
      name === 'scheduled-sync' ? scheduled() : functions(name, request),
    );
    const { code, text } = await run('--url', url, '--token', TOKEN);
    expect(text).toContain('by sync-run-due: 0 tables started');
    expect(code).toBe(0);
  });
});

describe('a run that takes longer than its request', () => {
  const job = { _id: 'job', tableId: 'orders', stats: statsOf(0) };
  const entry = {
    ...{ _id: 'entry', tableId: 'orders', syncJobId: 'job', startTime: '2026-01-01T00:00:00Z' },
    ...{ recordsProcessed: 9, recordsInserted: 9, recordsUpdated: 0, recordsError: 0 },
  };
  const statusOf = (status: string, more = {}) =>
    Response.json({ job: { ...job, status, ...more }, history: { ...entry, status } });

  /** The functions, but for the run: it goes through `states`, one a look. */
  async function siteWithRun(states: readonly (() => Response)[]) {
    let looks = 0;
    const starts: string[] = [];
    const url = await startSite(async (name, request) => {
      if (name === 'sync-status') return states[Math.min(looks++, states.length - 1)]?.();
      if (name !== 'sync-table') return functions(name, request);
      starts.push(await request.text());
      const ids = { jobId: 'job', historyId: 'entry' };
      if (starts.length === 1) {
        return Response.json({ message: 'under way', ...ids, stats: statsOf(0) }, { status: 202 });
      }
      const details = [{ message: 'the active run', ...ids }];
      return Response.json({ error: 'busy', code: 'SYNC_RUNNING', details }, { status: 409 });
    });
    return { url, starts };
  }
  const statusLine = ({ lines }: { lines: string[] }) =>
    lines.find((line) => line.includes('GET sync-status'));

  it('is watched until it is completed', async () => {
    const { url, starts } = await siteWithRun([
      () => statusOf('in_progress'),
      () => statusOf('completed', { stats: statsOf(9), warnings: ['rows rejected: 2'] }),
    ]);
    const result = await run('--url', url, '--token', TOKEN);
    expect(statusLine(result)).toMatch(/^✓ .*completed: 9 read/);
    expect(result.text).toContain('! warning: rows rejected: 2');
    expect(starts).toHaveLength(1);
  });

  it('is taken up where nobody else does', async () => {
    const { url, starts } = await siteWithRun([
      () => statusOf('in_progress', { idle: true }),
      () => statusOf('completed', { stats: statsOf(9) }),
    ]);
    const result = await run('--url', url, '--token', TOKEN);
    expect(statusLine(result)).toMatch(/^✓/);
    expect(starts).toHaveLength(2);
  });

  it.each([
    { error: { code: 'LAKE_REFUSED', message: 'The lake refused the request.' } },
    { error: 'The lake refused the request.', errorCode: 'LAKE_REFUSED' },
  ])('is no success if it fails: %j', async (failure) => {
    const { url } = await siteWithRun([() => statusOf('failed', failure)]);
    const result = await run('--url', url, '--token', TOKEN);
    expect(statusLine(result)).toMatch(/^✗ .*LAKE_REFUSED/);
    expect(result.code).toBe(1);
  });

  it('is given up after the time that is said', async () => {
    const { url } = await siteWithRun([() => statusOf('in_progress')]);
    const result = await run('--url', url, '--token', TOKEN, '--wait', '1');
    expect(statusLine(result)).toMatch(/^✗ .*in_progress after 1 s/);
  });
});

describe('a table that is not in order', () => {
  /** The functions, but for what `changes` makes of one answer. */
  const siteWith = (
    wanted: string,
    changes: (body: Record<string, unknown>) => unknown,
    status = 200,
  ) =>
    startSite(async (name, request) => {
      const answer = await functions(name, request);
      if (name !== wanted || !answer?.ok) return answer;
      const body = (await answer.json()) as Record<string, unknown>;
      return Response.json(changes(body), { status });
    });
  const withTable = (facts: object) => (body: Record<string, unknown>) => {
    if (!Array.isArray(body.tables)) return body;
    const [first, ...rest] = body.tables as object[];
    return { ...body, tables: [{ ...first, enabled: true, running: false, ...facts }, ...rest] };
  };
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

  it.each<[object, string]>([
    [
      { lastSync: ago(181), syncFrequency: 60 },
      'its sync is overdue: the last one was 181 min ago',
    ],
    [
      { lastSync: { date: ago(500) }, syncFrequency: 60 },
      'its sync is overdue: the last one was 500',
    ],
    [
      { refusals: [{ errorCode: 'EARLIER_DATA', error: 'Rows of an earlier version.' }] },
      'its start is refused: EARLIER_DATA: Rows',
    ],
  ])('is named, and fails the command: %j', async (facts, reason) => {
    const url = await siteWith('sync-stats', withTable(facts));
    const { code, text } = await run('--url', url, '--token', TOKEN);
    expect(text).toMatch(/✗ GET sync-stats .*1 table not in order/);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`! orderdetail: ${reason}`);
    expect(code).toBe(1);
  });

  it.each([
    { lastSync: ago(170), syncFrequency: 60 },
    { lastSync: ago(500), syncFrequency: 60, running: true },
    { lastSync: ago(500), syncFrequency: 60, enabled: false },
    { lastSync: null },
    { refusals: [{ errorCode: 'SOURCE_CHANGED', error: 'Of the site of another tenant.' }] },
  ])('is none of these: %j', async (facts) => {
    const url = await siteWith('sync-stats', withTable(facts));
    const { lines } = await run('--url', url, '--token', TOKEN);
    expect(lines).toContainEqual(expect.stringMatching(/^✓ GET sync-stats/));
  });

  it('is none that somebody has paused', async () => {
    await call('sync-control', { body: { action: 'pause', tableId: 'orderdetail' } });
    const url = await siteWith('sync-stats', withTable({ lastSync: ago(500), syncFrequency: 60 }));
    const { lines } = await run('--url', url, '--token', TOKEN);
    await call('sync-control', { body: { action: 'resume', tableId: 'orderdetail' } });
    expect(lines).toContainEqual(expect.stringMatching(/^✓ GET sync-stats/));
  });

  it('is named where deep health finds it', async () => {
    const freshness = {
      ...{ ok: false, ms: 1, code: 'DATA_STALE', message: 'A table is not fresh.' },
      stale: [{ tableId: 'orders' }],
    };
    const failing = (body: Record<string, unknown>) => ({
      ...{ ...body, status: 'failing', checks: { ...Object(body.checks), freshness } },
    });
    const url = await siteWith('health', failing, 503);
    const { code, text } = await run('--url', url, '--token', TOKEN);
    expect(text).toMatch(/✗ GET health\?deep=1 .*Not well: freshness/);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      '! freshness (orders): DATA_STALE: A table is not',
    );
    expect(code).toBe(1);
  });

  it('is named where the schedule cannot start it', async () => {
    const refused = { tableId: 'orders', error: 'Rows are here.', errorCode: 'EARLIER_DATA' };
    const url = await siteWith('scheduled-sync', (body) => ({ ...body, errors: [refused] }));
    const { code, text } = await run('--url', url, '--token', TOKEN);
    expect(text).toContain('! orders: EARLIER_DATA: Rows are here.');
    expect(code).toBe(1);
  });
});

describe('a deployment that is not well', () => {
  it('has its answer named where it is not as promised', async () => {
    const url = await startSite((name, request) =>
      name === 'sync-stats' ? Response.json({ tables: [] }) : functions(name, request),
    );
    const { code, text } = await run('--url', url, '--token', TOKEN);
    expect(text).toMatch(/^✗ GET sync-stats .*\bsummary\b/m);
    expect(code).toBe(1);
  });

  it('is told from one that wants another token', async () => {
    const url = await startSite(functions);
    const { code, text, lines } = await run('--url', url, '--token', 'another-test-token');
    expect(text).toContain('HTTP 401 NOT_AUTHORIZED');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(entryOf('NOT_AUTHORIZED').action);
    expect(lines).toHaveLength(1);
    expect(code).toBe(1);
  });

  it('is told from one that has no token yet', async () => {
    vi.stubEnv('API_TOKEN', '');
    const url = await startSite(functions);
    const { code, text, lines } = await run('--url', url);
    vi.unstubAllEnvs();
    expect(text).toContain('HTTP 503 API_TOKEN_UNSET');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(entryOf('API_TOKEN_UNSET').action);
    expect(lines).toHaveLength(1);
    expect(code).toBe(1);
  });

  it('lets a token that may only read see what may be read', async () => {
    vi.stubEnv('API_READ_TOKEN', 'test-token-for-reading');
    const url = await startSite(functions);
    const { code, text, lines } = await run('--url', url, '--token', 'test-token-for-reading');
    vi.unstubAllEnvs();
    expect(text).toContain('HTTP 403 FORBIDDEN');
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(4);
    expect(code).toBe(1);
  });

  it('is told from a site of somebody else', async () => {
    const { text, lines } = await run('--url', await startSite(() => undefined));
    expect(text).toContain('there is no function init-sync-config');
    expect(text).toContain('Is this the address of the backend?');
    expect(lines).toHaveLength(1);
  });

  it('is told from one that is elsewhere', async () => {
    const redirect = () => Response.redirect('https://www.site.example/', 301);
    const { text } = await run('--url', await startSite(redirect));
    expect(text).toMatch(/redirects to\s+https:\/\/www\.site\.example/);
  });

  it('is told from one that does not answer', async () => {
    const { code, text } = await run('--url', `http://127.0.0.1:${await freePort()}`);
    expect(text).toMatch(/can't be\s+reached:\s+connect ECONNREFUSED/);
    expect(text).toContain('→ Check the address');
    expect(code).toBe(1);
  });
});

describe('an argument', () => {
  it.each([
    [['--url', 'site.example'], 'is no URL'],
    [['--url', 'http://site.example'], 'the token would travel readable'],
    [['--url', 'http://127.0.0.1', '--wait', 'long'], '--wait takes whole seconds'],
    [[], '--url is missing'],
    [['--uri', 'x'], "Unknown option '--uri'"],
  ])('%j is refused', async (args, message) => {
    const { code, text } = await run(...args);
    expect(text).toContain(message);
    expect(code).toBe(1);
  });

  it('--help explains the others', async () => {
    const { code, text } = await run('--help');
    expect(text).toContain('--token');
    expect(code).toBe(0);
  });
});

function statsOf(rows: number) {
  return {
    ...{ totalRecords: 9, processedRecords: rows, insertedRecords: rows, updatedRecords: 0 },
    ...{ errorRecords: 0, startTime: '2026-01-01T00:00:00Z' },
  };
}
