import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startRuntime } from '../../../dev/runtime/index.js';

const runtime = await startRuntime({
  env: {},
  functionsDirectory: fileURLToPath(new URL('fixtures/functions', import.meta.url)),
});
const { hostname, port, host } = new URL(runtime.url);
afterAll(() => runtime.close());
afterEach(async () => {
  // Whatever was sent, the next caller is served.
  expect((await fetch(`${runtime.url}/api/echo`)).status).toBe(200);
});

/** What comes back for these very bytes. */
async function send(bytes: string): Promise<{ status: number; body: string }> {
  const socket = connect(Number(port), hostname);
  socket.write(bytes, 'latin1');
  const answer = await text(socket);
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]),
    body: answer.slice(answer.indexOf('\r\n\r\n') + 4),
  };
}

const head = (first: string, ...headers: string[]) =>
  [`${first} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n');

describe('a method', () => {
  test.each([
    ['TRACE', 405],
    ['CONNECT', 405],
    ['FOO', 400],
    ['__proto__', 400],
    ['get', 400],
    ['PROPFIND', 200],
    ['M-SEARCH', 200],
    ['PATCH', 200],
  ])('%s is answered with %i', async (method, status) => {
    expect((await send(head(`${method} /api/echo`))).status).toBe(status);
  });

  test('HEAD has the headers of GET, and no body', async () => {
    const response = await fetch(`${runtime.url}/api/echo`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('');
  });
});

describe('a URL', () => {
  test.each([
    ['/api/echo?__proto__=1', 200],
    ['/api/echo?constructor=1&hasOwnProperty=2', 200],
    ['/api/echo?a=%zz', 200],
    ['/api/echo?%', 200],
    ['http://other.example/api/echo', 200],
    ['/api/%E4%BD', 404],
    ['/%zz', 404],
    ['//other.example/', 404],
    ['/api//echo', 404],
    ['*', 400],
    ['http://', 400],
  ])('%s is answered with %i', async (target, status) => {
    expect((await send(head(`GET ${target}`))).status).toBe(status);
  });

  test.each(['a b', 'x/y', 'user@host', '', '[::', 'x:99999'])(
    'the host %j is refused',
    async (name) => {
      const request = `GET /api/echo HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
      const { status, body } = await send(request);
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ code: 'BAD_REQUEST' });
    },
  );
});

describe('headers', () => {
  test('that are too long are refused', async () => {
    expect((await send(head('GET /api/echo', `X-Long: ${'x'.repeat(20_000)}`))).status).toBe(431);
  });

  test('of any name and byte are passed on', async () => {
    const { status, body } = await send(
      head('GET /api/echo', '__proto__: 1', 'X-Latin: \xe4', 'X-Twice: 1', 'X-Twice: 2'),
    );
    expect(status).toBe(200);
    expect(JSON.parse(body).headers).toMatchObject({ 'x-latin': 'ä', 'x-twice': '1, 2' });
  });
});

describe('an upgrade', () => {
  test.each(['websocket', 'h2c'])(
    'to %s is answered as if it were not asked for',
    async (protocol) => {
      const upgrade = ['Upgrade: '.concat(protocol), 'Connection: Upgrade, close'];
      const bytes = head('GET /api/echo', ...upgrade).replace('Connection: close\r\n', '');
      expect((await send(bytes)).status).toBe(200);
    },
  );
});

describe('a body', () => {
  test('of 6 MB is passed on, and a longer one refused', async () => {
    const post = (bytes: number) =>
      fetch(`${runtime.url}/api/fails`, { method: 'POST', body: 'x'.repeat(bytes) });
    const limit = 6 * 1024 * 1024;
    expect((await post(limit)).status).toBe(500);
    const refused = await post(limit + 1);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  test('that breaks off concerns its sender alone', async () => {
    const socket = connect(Number(port), hostname);
    socket.write(`${head('POST /api/echo', 'Content-Length: 1000')}{"a":`);
    await once(socket, 'connect');
    socket.destroy();
    await once(socket, 'close');
  });

  test('with chunks that are none is refused', async () => {
    const { status } = await send(`${head('POST /api/echo', 'Transfer-Encoding: chunked')}zz\r\n`);
    expect(status).toBe(400);
  });
});

test('A caller that goes away before the answer concerns nobody else', async () => {
  const aborted = fetch(`${runtime.url}/api/fails?how=hang`, { signal: AbortSignal.timeout(50) });
  await expect(aborted).rejects.toThrow();
});
