import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startRuntime } from '../../../dev/runtime/index.js';

const scratch = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
const functionsDirectory = fileURLToPath(new URL('fixtures/functions', import.meta.url));
const lines: string[] = [];
const runtime = await startRuntime({
  env: { GIVEN: 'yes' },
  functionsDirectory,
  log: (line) => lines.push(line),
  rerunPausesMs: [50, 100],
  timeouts: { synchronous: 1, scheduled: 0.2 },
});
afterAll(async () => {
  await runtime.close();
  await rm(scratch, { recursive: true });
});

const call = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${runtime.url}/.netlify/functions/${path}`, init);
const linesOf = (file: string): number =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;

test('A function gets the whole request', async () => {
  const response = await call('echo?a=1', {
    method: 'PUT',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: '{"ü":1}',
  });
  expect(await response.json()).toMatchObject({
    method: 'PUT',
    url: `${runtime.url}/.netlify/functions/echo?a=1`,
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: '{"ü":1}',
  });
});

test('Its environment is the given one, and says that and where it runs locally', async () => {
  vi.stubEnv('NOT_GIVEN', 'of the test process');
  const echo = await (await call('echo')).json();
  const local = { NETLIFY_DEV: 'true', NETLIFY_LOCAL: 'true', CONTEXT: 'dev', URL: runtime.url };
  expect(echo).toMatchObject({ env: { GIVEN: 'yes', ...local } });
  expect(echo).not.toHaveProperty('env.NOT_GIVEN');
  expect(echo).not.toHaveProperty('env.VITEST');
});

test('Its context names the caller, the request and the site', async () => {
  const headers = { 'x-nf-request-id': 'chosen by the caller' };
  const { context } = (await (await call('echo', { headers })).json()) as {
    context: Record<string, unknown>;
  };
  expect(context).toMatchObject({
    ip: '127.0.0.1',
    requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    deploy: { context: 'dev' },
    site: { url: runtime.url },
  });
});

test('Calls of a function share a warm instance', async () => {
  const calls = async () => ((await (await call('echo')).json()) as { calls: number }).calls;
  const first = await calls();
  expect(await calls()).toBe(first + 1);
});

test('Calls of a function run at a time', async () => {
  const answers = await Promise.all([call('meets'), call('meets'), call('meets')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('The redirect leads to the function, which sees the URL that was asked for', async () => {
  const response = await fetch(`${runtime.url}/api/echo?a=1`);
  expect(await response.json()).toMatchObject({ url: `${runtime.url}/api/echo?a=1` });
});

test.each(['/.netlify/functions/unknown', '/api/unknown', '/api/__proto__'])(
  '%s is no function, and says so as JSON',
  async (path) => {
    const response = await fetch(runtime.url + path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: `There is no function ${path.split('/').at(-1)}.`,
      code: 'FUNCTION_NOT_FOUND',
    });
  },
);

test.each(['/.netlify/functions/', '/api', '/nowhere'])('%s is not found', async (path) => {
  expect((await fetch(runtime.url + path)).status).toBe(404);
});

test.each([
  ['throw', 500, { error: 'thrown on purpose', errorType: 'Error', code: 'FUNCTION_FAILED' }],
  ['text', 500, { error: expect.stringContaining('neither a Response'), errorType: 'TypeError' }],
  ['exit', 502, { error: 'The function ended its process with 3.', code: 'FUNCTION_ENDED' }],
  ['reject', 502, { error: 'Error: rejected on purpose', code: 'FUNCTION_ENDED' }],
  ['hang', 500, { error: 'The function timed out after 1.00 seconds.', code: 'FUNCTION_TIMEOUT' }],
  ['spin', 500, { error: 'The function timed out after 1.00 seconds.', code: 'FUNCTION_TIMEOUT' }],
  ['large', 502, { error: expect.stringContaining('6291456'), code: 'ANSWER_TOO_LARGE' }],
])('Failing by %s is answered with %i, and the next call is well', async (how, status, body) => {
  const response = await call(`fails?how=${how}`);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject(body);
  expect((await call('fails?how=nothing')).status).toBe(204);
});

test('An error says where it was thrown in the source', async () => {
  const { trace } = (await (await call('fails?how=throw')).json()) as { trace: string[] };
  expect(trace[1]).toMatch(/fixtures\/functions\/fails\.ts:7:/);
});

test('A call that fails leaves those of other functions alone', async () => {
  const meeting = [call('meets'), call('meets')];
  expect((await call('fails?how=exit')).status).toBe(502);
  const answers = await Promise.all([...meeting, call('meets')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const spinning = call('fails?how=spin');
  expect((await call('echo')).status).toBe(200);
  expect((await spinning).status).toBe(500);
});

test('A call that runs out of time leaves those beside it in the same function alone', async () => {
  const hanging = call('fails?how=hang');
  await delay(600);
  const beside = call('fails?how=slow');
  expect((await hanging).status).toBe(500);
  expect(await (await beside).text()).toBe('slow, but in time');
});

test('An answer of status 500 is passed on', async () => {
  const response = await call('fails');
  expect([response.status, await response.text()]).toEqual([500, 'an answer of its own']);
});

test('What a function leaves running stands still from its answer to the next call', async () => {
  const file = join(scratch, 'held');
  expect((await call('holds', { method: 'POST', body: file })).status).toBe(204);
  await delay(100);
  const before = existsSync(file) ? readFileSync(file).length : 0;
  await delay(100);
  expect(existsSync(file) ? readFileSync(file).length : 0).toBe(before);
  expect((await call('holds', { method: 'POST', body: join(scratch, 'other') })).status).toBe(204);
});

test('A background function is answered for at once and runs afterwards', async () => {
  const file = join(scratch, 'background');
  const body = JSON.stringify({ file, failures: 0 });
  const response = await call('flaky-background', { method: 'POST', body });
  expect([response.status, await response.text()]).toEqual([202, '']);
  expect(linesOf(file)).toBe(0);
  await vi.waitFor(() => expect(linesOf(file)).toBe(1), 5_000);
  // Its answer of status 500 is no failure: the platform ignores what it answers.
  await delay(300);
  expect(linesOf(file)).toBe(1);
});

test('A background function that throws is run twice more with the same payload', async () => {
  const file = join(scratch, 'flaky');
  const body = JSON.stringify({ file, failures: 9 });
  await call('flaky-background', { method: 'POST', body });
  await vi.waitFor(() => expect(linesOf(file)).toBe(3), 10_000);
  await vi.waitFor(() => {
    expect(lines).toContain('flaky-background: run 3 of 3 failed: thrown on purpose in run 3');
  });
  await delay(300);
  expect(linesOf(file)).toBe(3);
});

test('A background payload above 256 KB is refused', async () => {
  const response = await call('flaky-background', {
    method: 'POST',
    body: 'x'.repeat(256 * 1024 + 1),
  });
  expect(response.status).toBe(413);
});

test('A background function that is ended in the middle is run again', async () => {
  const file = join(scratch, 'exits');
  await call('flaky-background', {
    method: 'POST',
    body: JSON.stringify({ file, failures: 1, exit: true }),
  });
  await vi.waitFor(() => expect(linesOf(file)).toBe(2), 10_000);
});

test.each([1, 2])('A scheduled function sees what the clock sends, call %i', async () => {
  const response = await runtime.invokeScheduled('ticks');
  expect(await response.json()).toEqual({
    method: 'POST',
    event: 'schedule',
    body: { next_run: expect.stringMatching(/^\d{4}-.*Z$/) },
  });
});

test('Only a scheduled function is invoked by the clock', async () => {
  await expect(runtime.invokeScheduled('echo')).rejects.toThrow('no scheduled function');
});

test('A scheduled function has a limit of its own', async () => {
  const response = await runtime.invokeScheduled('hanging-tick');
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({
    error: 'The function timed out after 0.20 seconds.',
  });
});

test('A port that is taken is an error', async () => {
  const port = Number(new URL(runtime.url).port);
  await expect(startRuntime({ env: {}, functionsDirectory, port })).rejects.toThrow('EADDRINUSE');
});

describe('a runtime that has ended', () => {
  /** Of these tests alone: other files start runtimes at the same time. */
  const folder = join(scratch, 'tmp');
  const start = async () => {
    await mkdir(folder, { recursive: true });
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    return startRuntime({ env: {}, functionsDirectory });
  };
  // The TypeScript loader keeps a cache beside.
  const files = () => readdirSync(folder).filter((name) => name.startsWith('datalake-'));

  test('by close answers nothing and leaves no file', async () => {
    const second = await start();
    await fetch(`${second.url}/api/echo`);
    expect(files()).toHaveLength(1);
    await second.close();
    await expect(fetch(second.url)).rejects.toThrow();
    expect(files()).toEqual([]);
  });

  test('by a signal says so, and leaves no file either', async () => {
    const second = await start();
    process.kill(second.pid, 'SIGKILL');
    await second.ended;
    await second.close();
    expect(files()).toEqual([]);
  });
});
