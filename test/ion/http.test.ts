import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHttp } from '../../src/ion/http.js';
import { failureOf } from './credentials.js';
import {
  type Answer,
  hang,
  reset,
  type ScriptedServer,
  scriptedServer,
} from './scripted-server.js';

let server: ScriptedServer;
const http = createHttp();

beforeEach(async () => {
  server = await scriptedServer();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const get = (url = server.url, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  http({
    method: 'GET',
    url,
    headers: { authorization: 'Bearer hush-token' },
    timeoutMs: 5_000,
    ...more,
  });

describe('an answer', () => {
  test('comes with its status, whatever it is, its headers in lower case and its text', async () => {
    server.script({ status: 418, headers: { 'X-Some': 'Thing' }, body: 'teapot' });
    expect(await get()).toMatchObject({
      status: 418,
      headers: { 'x-some': 'Thing' },
      body: 'teapot',
    });
  });

  test('is not parsed: a number keeps all its digits', async () => {
    const body = '[{"n":12345678901234567890}]';
    server.script({ headers: { 'content-type': 'application/json' }, body });
    expect((await get()).body).toBe(body);
  });

  test('may be compressed, and its characters may be split over packets', async () => {
    const text = 'grüße — 数量 '.repeat(5_000);
    const zipped = gzipSync(text);
    server.script({
      act: (response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        for (let at = 0; at < zipped.length; at += 7) response.write(zipped.subarray(at, at + 7));
        response.end();
      },
    });
    expect((await get()).body).toBe(text);
  });

  test('that redirects is not followed', async () => {
    server.script({ status: 302, headers: { location: `${server.url}/elsewhere` } });
    expect((await get()).status).toBe(302);
    expect(server.seen).toHaveLength(1);
  });
});

describe('a request', () => {
  test('goes out as it is', async () => {
    server.respond = () => ({});
    await http({
      method: 'POST',
      url: `${server.url}/jobs/?a=1`,
      headers: { 'content-type': 'text/plain' },
      body: "SELECT 'ä'",
      timeoutMs: 5_000,
    });
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      path: '/jobs/',
      query: { a: '1' },
      body: "SELECT 'ä'",
      headers: { 'content-type': 'text/plain' },
    });
  });

  test('uses the connection of the one before', async () => {
    const ports = new Set<number | undefined>();
    const noted: Answer = {
      act: (response, request) => {
        ports.add(request.socket.remotePort);
        response.end();
      },
    };
    server.script(noted, noted, noted);
    for (let i = 0; i < 3; i++) await get();
    expect(ports.size).toBe(1);
  });
});

describe('a call without a whole answer', () => {
  const cutOff: Record<string, Answer> = {
    'before the headers': reset,
    'in a chunked body': {
      act: (response) => {
        response.writeHead(200);
        response.write('[{"a":1}', () => response.destroy());
      },
    },
    'short of its content-length': {
      act: (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('[{"a":1}]', () => response.destroy());
      },
    },
  };
  test.each(Object.entries(cutOff))('cut off %s is unreachable', async (_, answer) => {
    server.script(answer);
    const error = await failureOf(get());
    expect(error.code).toBe('LAKE_UNREACHABLE');
    expect(error.message).toContain('127.0.0.1');
  });

  test('to a port where nobody listens says so', async () => {
    const { url } = server;
    await server.close();
    const error = await failureOf(get(url));
    expect(error.message).toMatch(
      /^No answer came from 127\.0\.0\.1:\d+: the connection was refused\.$/,
    );
    expect(error.details[0]).toMatchObject({ networkCode: 'ECONNREFUSED' });
    server = await scriptedServer();
  });

  test('to an unknown host says so', async () => {
    stubProxy('');
    const error = await failureOf(get('http://no-such-host.invalid/'));
    expect(error.code).toBe('LAKE_UNREACHABLE');
    expect(error.message).toContain('no-such-host.invalid');
    expect(error.details[0]).toMatchObject({
      networkCode: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    });
  });

  test('by https to a server that speaks http is unreachable', async () => {
    const error = await failureOf(get(server.url.replace('http:', 'https:')));
    expect(error.code).toBe('LAKE_UNREACHABLE');
  });

  test('that takes too long is a time-out, also if bytes trickle in', async () => {
    const trickle: Answer = {
      act: (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
    };
    server.script(hang, trickle);
    for (let i = 0; i < 2; i++) {
      const error = await failureOf(get(server.url, { timeoutMs: 60 }));
      expect(error.code).toBe('LAKE_TIMEOUT');
      expect(error.message).toContain('did not answer within 0.1 s');
    }
  });

  test('ends when its caller gives up, before or during it', async () => {
    server.script(hang);
    const controller = new AbortController();
    const during = failureOf(get(server.url, { signal: controller.signal }));
    await expect.poll(() => server.seen).toHaveLength(1);
    controller.abort();
    expect((await during).message).toContain('The caller gave up');
    const before = await failureOf(get(server.url, { signal: controller.signal }));
    expect(before.code).toBe('LAKE_TIMEOUT');
    expect(server.seen).toHaveLength(1);
  });

  test('because the answer is far too large is a bad answer', async () => {
    server.script({
      act: (response) => {
        response.writeHead(200, { 'content-length': String(65 * 1024 * 1024) });
        const piece = Buffer.alloc(1024 * 1024, 32);
        const more = () => response.destroyed || response.write(piece, more);
        more();
      },
    });
    expect((await failureOf(get())).code).toBe('LAKE_BAD_ANSWER');
  });
});

test('a proxy of the environment does not see what stays on this machine', async () => {
  const proxy = await scriptedServer();
  stubProxy(proxy.url);
  server.script({ body: 'direct' });
  expect((await get()).body).toBe('direct');
  expect(proxy.seen).toHaveLength(0);
  await proxy.close();
});

function stubProxy(url: string): void {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']) vi.stubEnv(name, url);
  for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
}
