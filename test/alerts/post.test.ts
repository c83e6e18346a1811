import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createPost } from '../../src/alerts/post.js';
import { createFindTarget } from '../../src/alerts/target.js';
import { type Answer, hang, reset, scriptedServer } from '../ion/scripted-server.js';

const receiver = await scriptedServer();
afterAll(() => receiver.close());
const { port } = new URL(receiver.url);
const HERE: LookupAddress = { address: '127.0.0.1', family: 4 };
const PRIVATE: LookupAddress = { address: '10.0.0.7', family: 4 };
/** What DNS says to one question after the other, and the questions. */
let answers: LookupAddress[][] = [];
const asked: string[] = [];
const resolve = async (hostname: string) => {
  asked.push(hostname);
  return answers.shift() ?? [HERE];
};
const post = createPost(createFindTarget({ local: true, resolve }));
const url = `http://hooks.localhost:${port}/hook/secret-path?key=secret-key`;
const send = (timeoutMs = 5_000) =>
  post({ url, headers: { 'content-type': 'application/json' }, body: '{"ä":1}', timeoutMs });
const by = (answer: Answer) => {
  receiver.respond = () => answer;
};
/** Bytes by hand, as no HTTP server would send them. */
const raw = (...parts: readonly string[]): Answer => ({
  act: ({ socket }) => {
    for (const part of parts) socket?.write(part);
  },
});
const again = (write: () => void, stop: { on(event: 'close', listener: () => void): unknown }) => {
  const timer = setInterval(write, 5);
  stop.on('close', () => clearInterval(timer));
};

beforeEach(() => {
  receiver.seen.length = 0;
  asked.length = 0;
  answers = [];
  by({ status: 204 });
});

describe('a message', () => {
  it('goes to the address that was looked up, once, under the name of the host', async () => {
    expect(await send()).toEqual({ status: 204 });
    expect(asked).toEqual(['hooks.localhost']);
    expect(receiver.seen).toMatchObject([
      {
        method: 'POST',
        path: '/hook/secret-path',
        query: { key: 'secret-key' },
        body: '{"ä":1}',
        headers: { host: `hooks.localhost:${port}`, 'content-length': '8', connection: 'close' },
      },
    ]);
  });

  it('is looked up each time, and goes nowhere when the host leads elsewhere', async () => {
    answers = [[HERE], [PRIVATE], [HERE, PRIVATE], [HERE]];
    const sent = [await send(), await send(), await send(), await send()];
    expect(sent.map((delivery) => 'status' in delivery)).toEqual([true, false, false, true]);
    expect(asked).toHaveLength(4);
    expect(receiver.seen).toHaveLength(2);
  });

  it('tries each of the addresses', async () => {
    answers = [[{ address: '::1', family: 6 }, HERE]];
    expect(await send()).toEqual({ status: 204 });
  });

  it('does not go through a proxy of the environment, which would look the host up itself', async () => {
    const proxy = await scriptedServer();
    Object.assign(process.env, { http_proxy: proxy.url, HTTP_PROXY: proxy.url });
    try {
      expect(await send()).toEqual({ status: 204 });
      expect(proxy.seen).toEqual([]);
    } finally {
      delete process.env.http_proxy;
      delete process.env.HTTP_PROXY;
      await proxy.close();
    }
  });

  it('is followed to no other place', async () => {
    const elsewhere = await scriptedServer();
    for (const status of [301, 302, 303, 307, 308]) {
      by({ status, headers: { location: elsewhere.url } });
      expect(await send()).toEqual({ status });
    }
    await elsewhere.close();
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('https', () => {
  it('is spoken with the checked address, for the name of the host', async () => {
    const received: Buffer[] = [];
    const server = createServer((socket) => {
      socket.once('data', (hello) => {
        received.push(hello);
        socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const secure = `https://hooks.example.com:${typeof address === 'object' && address?.port}/secret`;
    const delivery = await post({ url: secure, headers: {}, body: '{}', timeoutMs: 5_000 });
    await new Promise((resolve) => server.close(resolve));
    expect(delivery).toHaveProperty('problem');
    const [hello] = received;
    // A TLS handshake that names the host, and nothing of the message.
    expect(hello?.[0]).toBe(0x16);
    expect(hello?.includes('hooks.example.com')).toBe(true);
    expect(hello?.includes('secret')).toBe(false);
  });
});

describe('an answer', () => {
  it.each<[string, number, Answer]>([
    ['is huge', 200, { body: 'x'.repeat(50_000_000) }],
    ['is refused with a huge one', 503, { status: 503, body: 'x'.repeat(50_000_000) }],
    [
      'never ends',
      200,
      {
        act: (response) => {
          response.writeHead(200);
          again(() => response.write('x'.repeat(9_999)), response);
        },
      },
    ],
    [
      'trickles in',
      200,
      {
        act: (response) => {
          response.writeHead(200);
          again(() => response.write('x'), response);
        },
      },
    ],
    [
      'is cut off',
      201,
      {
        act: (response) => {
          response.writeHead(201, { 'content-length': '100' }).write('x');
          setTimeout(() => response.destroy(), 20);
        },
      },
    ],
    ['claims to be compressed', 200, { headers: { 'content-encoding': 'gzip' }, body: 'no' }],
  ])('that %s counts by its status', async (_what, status, answer) => {
    by(answer);
    expect(await send()).toEqual({ status });
  });

  it.each<[string, Answer]>([
    ['never comes', hang],
    ['has no end of headers', raw('HTTP/1.1 200 OK\r\n')],
    [
      'has headers that trickle in',
      {
        act: ({ socket }) => {
          socket?.write('HTTP/1.1 200 OK\r\n');
          if (socket) again(() => socket.write('a: b\r\n'), socket);
        },
      },
    ],
    [
      'is one hint after the other',
      {
        act: ({ socket }) => {
          if (socket) again(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), socket);
        },
      },
    ],
  ])('that %s is not waited for any longer than the time allows', async (_what, answer) => {
    by(answer);
    expect(await send(300)).toEqual({ problem: expect.stringContaining('0.3 s') });
  });

  it.each<[string, Answer]>([
    ['breaks off', reset],
    ['is another protocol', raw('SSH-2.0 server\r\n')],
    ['has huge headers', raw('HTTP/1.1 200 OK\r\na: ', 'x'.repeat(100_000))],
    [
      'changes the protocol',
      raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello'),
    ],
  ])('that %s is none', async (_what, answer) => {
    by(answer);
    const delivery = await send();
    expect(delivery).toEqual({ problem: expect.stringMatching(/\w/) });
    expect(JSON.stringify(delivery)).not.toMatch(/secret/);
  });
});
