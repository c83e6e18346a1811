import { beforeEach, describe, expect, it } from 'vitest';
import {
  ConnectionError,
  createClient,
  LoginPageError,
  SyncError,
} from '../../src/client/index.js';
import type * as Published from '../../src/client/public.js';
import type { ClientOptions, Progress } from '../../src/client/public.js';
import { respondWithFunction, serveLocally } from '../browser/serve.js';
import { startBackend } from '../support/backend.js';

// What is published as the types is what there is.
const published: Pick<typeof Published, 'createClient'> = { createClient };
({
  sync: new SyncError({}, 500),
  page: new LoginPageError('', 200),
  connection: new ConnectionError('', undefined),
}) satisfies {
  sync: Published.SyncError;
  page: Published.LoginPageError;
  connection: Published.ConnectionError;
};

const TOKEN = 'test-token-that-is-no-secret';
const { lake, call } = await startBackend({ rows: 120 });
await call('init-sync-config', { body: {} });
const baseUrl = await serveLocally(respondWithFunction);
const client = published.createClient({ baseUrl: `${baseUrl}/`, token: async () => TOKEN });

/** A client whose calls meet each of these first, in place of the backend. */
function meeting(answers: (() => Promise<Response>)[], options: ClientOptions = {}) {
  const times: number[] = [];
  const patched: typeof fetch = (url, init) => {
    times.push(performance.now());
    return (answers.shift() ?? (() => fetch(url, init)))();
  };
  return { times, client: createClient({ baseUrl, token: TOKEN, fetch: patched, ...options }) };
}
const lost = () => Promise.reject(new TypeError('fetch failed'));
const answered = (status: number, headers = {}, text = '{"errorMessage":"a platform"}') =>
  Promise.resolve(new Response(text, { status, headers }));
const page = (status: number) => () =>
  answered(status, { 'content-type': 'text/html; charset=utf-8' }, '<!doctype html><p>Log in');

beforeEach(() => {
  lake.clearFaults();
});

describe('a sync', () => {
  it('is told of until it has ended', async () => {
    const seen: Progress[] = [];
    const run = await client.sync('orders', { mode: 'full', onProgress: (one) => seen.push(one) });
    expect(run).toMatchObject({ tableId: 'orders', status: 'completed', outcome: 'complete' });
    const { read, created, updated, unchanged, stale, rejected, total } = run.counts;
    expect(created + updated + unchanged + stale + rejected).toBe(read);
    expect(read).toBe(total);
    expect(read).toBeGreaterThan(0);
    expect(seen.at(-1)).toEqual(run);
    expect(seen.every(({ jobId }) => jobId === run.jobId)).toBe(true);
  });

  it('that fails throws its code, its text and its job', async () => {
    lake.fault({ kind: 'failed', every: 1 });
    const error = await client.sync('orders', { mode: 'full' }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ code: 'LAKE_QUERY_FAILED' });
    expect(error.message).toContain('lake');
    expect(error.remedy).not.toBe('');
    expect(error.body.jobId).toMatch(/^[0-9a-f]{24}$/);
  });
});

describe('what goes wrong', () => {
  it('is an error with code, fields and remedy where the request is wrong', async () => {
    const error = await client.start('nope').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ code: 'UNKNOWN_TABLE', status: 400 });
    expect(error.remedy).toMatch(/tableIds/);
    expect(error.details[0]).toHaveProperty('message');
    expect(error.requestId).not.toBe('');
  });

  it('is a refused token', async () => {
    const stranger = createClient({ baseUrl, token: 'a-token-that-nobody-knows' });
    await expect(stranger.call('sync-stats')).rejects.toMatchObject({
      ...{ name: 'SyncError', status: 401, code: 'NOT_AUTHORIZED' },
    });
  });

  it.each([200, 401, 403, 404])('is a page in place of the API (%d)', async (status) => {
    const { client: other, times } = meeting([page(status)]);
    const error = await other.sync('orders').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(LoginPageError);
    expect(error).toMatchObject({ status, remedy: expect.stringContaining('public') });
    expect(times).toHaveLength(1);
  });

  it('passes: a lost connection, a page of the platform, a 503, an answer that is cut', async () => {
    const troubles = [lost, page(502), () => answered(503), () => answered(200, {}, '{"jo')];
    const { client: other, times } = meeting(troubles);
    expect(await other.sync('receipt')).toMatchObject({ status: 'completed' });
    expect(times.length).toBeGreaterThan(troubles.length);
  }, 30_000);

  it('is waited out for as long as the backend says', async () => {
    const { client: other, times } = meeting([() => answered(429, { 'retry-after': '2' })]);
    await other.start('receiptdetail');
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_900);
  });

  it('is told at once where waiting does not help', async () => {
    const unset = () =>
      answered(503, {}, '{"code":"API_TOKEN_UNSET","error":"no token","remedy":"set it"}');
    const { client: other, times } = meeting([unset]);
    await expect(other.sync('orders')).rejects.toMatchObject({ status: 503, remedy: 'set it' });
    const failing = () => Promise.reject(new Error('logged out'));
    const stranger = createClient({ baseUrl, token: failing });
    await expect(stranger.sync('orders')).rejects.toThrow('logged out');
    expect(times).toHaveLength(1);
  });

  it.each(['{}', '[]', '{"job":null,"history":null}'])(
    'is an answer that holds no run: %s',
    async (text) => {
      const empty = () => answered(200, {}, text);
      const started = meeting([empty], { patienceMs: 0 }).client;
      await expect(started.start('orders')).rejects.toBeInstanceOf(ConnectionError);
      const watched = meeting([empty], { patienceMs: 0 }).client.watch('0123456789abcdef01234567');
      await expect(watched.next()).rejects.toBeInstanceOf(ConnectionError);
    },
  );

  it('ends as a lost connection when the patience is over', async () => {
    const { client: other } = meeting([lost, lost, lost, lost], { patienceMs: 1_500 });
    await expect(other.sync('orders')).rejects.toBeInstanceOf(ConnectionError);
  });
});

describe('a signal', () => {
  it('ends the watching at once, and leaves the run alone', async () => {
    lake.fault({ kind: 'stuck', times: 1 });
    const { jobId } = await client.start('taskdetail', { mode: 'full' });
    const stop = new AbortController();
    const watched = (async () => {
      for await (const { ended } of client.watch(jobId, { signal: stop.signal })) {
        expect(ended).toBe(false);
        setTimeout(() => stop.abort(new Error('enough')), 50);
      }
    })();
    await expect(watched).rejects.toThrow('enough');
    await expect(client.call('sync-stats', { signal: stop.signal })).rejects.toThrow('enough');
    const { job } = await client.call<{ job: unknown }>('sync-status', { query: { jobId } });
    expect(job).toMatchObject({ active: true });
  });
});
