import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { startRuntime } from '../../../dev/runtime/index.js';

const scratch = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
const functionsDirectory = fileURLToPath(new URL('fixtures/functions', import.meta.url));
const lines: string[] = [];
const runtime = await startRuntime({
  env: { GIVEN: 'yes' },
  functionsDirectory,
  log: (line) => lines.push(line),
  rerunPausesMs: [50, 100],
  timeouts: { synchronous: 2 },
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

test('Its environment is the given one, and says that it runs locally', async () => {
  vi.stubEnv('NOT_GIVEN', 'of the test process');
  const echo = await (await call('echo')).json();
  expect(echo).toMatchObject({ env: { GIVEN: 'yes', NETLIFY_LOCAL: 'true' } });
  expect(echo).not.toHaveProperty('env.NOT_GIVEN');
  expect(echo).not.toHaveProperty('env.VITEST');
});

test('Each call has an instance of its own', async () => {
  await call('echo');
  expect(await (await call('echo')).json()).toMatchObject({ calls: 1 });
});

test('The redirect leads to the function, which sees the URL that was asked for', async () => {
  const response = await fetch(`${runtime.url}/api/echo?a=1`);
  expect(await response.json()).toMatchObject({ url: `${runtime.url}/api/echo?a=1` });
});

test.each(['/.netlify/functions/unknown', '/api/unknown', '/.netlify/functions/', '/nowhere'])(
  '%s is not found',
  async (path) => {
    expect((await fetch(runtime.url + path)).status).toBe(404);
  },
);

test('A function that throws answers 500', async () => {
  const response = await call('fails?how=throw');
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('thrown on purpose');
});

test('A function that ends its process is answered for', async () => {
  expect((await call('fails?how=exit')).status).toBe(502);
});

test('A function that takes too long is ended', async () => {
  const response = await call('fails?how=hang');
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('timed out after 2.00 seconds');
});

test('An answer of status 500 is passed on', async () => {
  const response = await call('fails');
  expect([response.status, await response.text()]).toEqual([500, 'an answer of its own']);
});

test('What a function leaves running ends with its answer', async () => {
  const file = join(scratch, 'held');
  expect((await call('holds', { method: 'POST', body: file })).status).toBe(204);
  await delay(100);
  const before = existsSync(file) ? readFileSync(file).length : 0;
  await delay(100);
  expect(existsSync(file) ? readFileSync(file).length : 0).toBe(before);
});

test('A background function is answered for at once and runs afterwards', async () => {
  const file = join(scratch, 'background');
  const body = JSON.stringify({ file, failures: 0 });
  const response = await call('flaky-background', { method: 'POST', body });
  expect([response.status, await response.text()]).toEqual([202, '']);
  expect(linesOf(file)).toBe(0);
  await vi.waitFor(() => expect(linesOf(file)).toBe(1), 5_000);
  // Its answer of status 500 is no failure: the platform ignores what it answers.
  await delay(1_000);
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
  await delay(1_000);
  expect(linesOf(file)).toBe(3);
});

test('A background payload above 256 KB is refused', async () => {
  const response = await call('flaky-background', {
    method: 'POST',
    body: 'x'.repeat(256 * 1024 + 1),
  });
  expect(response.status).toBe(413);
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

test('A port that is taken is an error', async () => {
  const port = Number(new URL(runtime.url).port);
  await expect(startRuntime({ env: {}, functionsDirectory, port })).rejects.toThrow('EADDRINUSE');
});

test('After close nothing answers and no file is left', async () => {
  const before = new Set(builds());
  const second = await startRuntime({ env: {}, functionsDirectory });
  await fetch(`${second.url}/api/echo`);
  const made = builds().filter((name) => !before.has(name));
  expect(made).toHaveLength(1);
  await second.close();
  await expect(fetch(second.url)).rejects.toThrow();
  expect(made.some((name) => existsSync(join(tmpdir(), name)))).toBe(false);
});

function builds(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('datalake-sync-functions-'));
}
