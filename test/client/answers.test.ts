import { describe, expect, it } from 'vitest';
import {
  ConnectionError,
  createClient,
  LoginPageError,
  SyncError,
} from '../../src/client/index.js';
import type { ClientOptions } from '../../src/client/public.js';
import { serveLocally } from '../browser/serve.js';

const RUN = '0123456789abcdef01234567';
const JSON_TYPE = { 'content-type': 'application/json' };

type Given = () => Response | Promise<Response>;
const answered =
  (status: number, headers: Record<string, string> = {}, text = ''): Given =>
  () =>
    new Response(text, { status, headers });
const run = (state: object): Given => answered(200, JSON_TYPE, JSON.stringify(state));
const ended = run({ job: { jobId: RUN, tableId: 'orders', status: 'completed' }, history: null });

/** A client that gets these answers, one after the other, and when it asked. */
function meeting(answers: Given[], options: ClientOptions = {}) {
  const times: number[] = [];
  const patched: typeof fetch = async () => {
    times.push(performance.now());
    const answer = answers.shift();
    if (!answer) throw new Error('Nothing more is answered.');
    return answer();
  };
  const baseUrl = 'https://site.example';
  return { times, client: createClient({ baseUrl, fetch: patched, ...options }) };
}
const thrownBy = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('nothing was thrown'),
    (error: unknown) => error,
  );

describe('the client', () => {
  it.each<[string, Given]>([
    ['a page', answered(503, { 'content-type': 'text/html', 'retry-after': '2' }, '<p>Busy')],
    ['nothing', answered(429, { 'retry-after': '2' })],
  ])('waits as long as Retry-After says with %s in place of JSON', async (_what, busy) => {
    const { client, times } = meeting([busy, ended]);
    const { value } = await client.watch(RUN).next();
    expect(value).toMatchObject({ status: 'completed' });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_900);
  });

  it.each([answered(404), answered(403, { 'content-type': 'text/plain' }, 'Forbidden')])(
    'says at once that something else answers, where it refuses without JSON',
    async (refusal) => {
      const { client, times } = meeting([refusal]);
      const error = await thrownBy(client.sync('orders'));
      expect(error).toBeInstanceOf(LoginPageError);
      expect(times).toHaveLength(1);
    },
  );

  it('takes a redirect for the login: the API has none', async () => {
    const headers = { location: 'https://login.invalid/' };
    const baseUrl = await serveLocally(async () => new Response(null, { status: 302, headers }));
    const inNode = createClient({ baseUrl, patienceMs: 0 });
    expect(await thrownBy(inNode.sync('orders'))).toMatchObject({
      ...{ name: 'LoginPageError', status: 302 },
    });
    // As a browser shows it.
    const opaque = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    const { client } = meeting([() => opaque], { patienceMs: 0 });
    expect(await thrownBy(client.sync('orders'))).toBeInstanceOf(LoginPageError);
  });

  it.each([
    { job: {}, history: {} },
    { job: { jobId: RUN, status: null }, history: null },
    { job: 'in_progress', history: null },
    { job: null, history: { status: 'unheard of' } },
    { job: [], history: [] },
  ])('does not take %j for a run', async (answer) => {
    const { client } = meeting([run(answer)], { patienceMs: 0 });
    expect(await thrownBy(client.watch(RUN).next())).toBeInstanceOf(ConnectionError);
  });

  it.each<[string, ClientOptions]>([
    ['an address', { baseUrl: 'site.example' }],
    ['a token', { token: 'a\u2026b' }],
  ])('does not take %s that cannot be sent for a lost connection', async (_what, options) => {
    const { client, times } = meeting([ended], options);
    expect(await thrownBy(client.sync('orders'))).toBeInstanceOf(TypeError);
    expect(times).toEqual([]);
  });

  it.each([
    ['{"errorType":"Error","errorMessage":"function crashed"}', 'function crashed'],
    ['{"error":{"code":"x","message":"gateway is down"}}', 'gateway is down'],
    ['{"error":{}}', 'HTTP 400'],
    ['[]', 'HTTP 400'],
  ])('shows of %s what it can', async (text, message) => {
    const { client } = meeting([answered(400, JSON_TYPE, text)]);
    const error = await thrownBy(client.start('orders'));
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ message, code: '', remedy: message, details: [] });
  });
});
