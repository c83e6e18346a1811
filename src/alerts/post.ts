import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { networkReason } from '../errors/network-reason.js';
import type { FindTarget, Target } from './target.js';

/** What came of a message: the status of the answer, or why none came, in words without the URL. */
export type Delivery = { readonly status: number } | { readonly problem: string };

interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From looking up the host, which takes 3 s at most, to the end of the answer. */
  readonly timeoutMs: number;
}

/** Sends one POST. Never throws. */
export type Post = (message: Message) => Promise<Delivery>;

/** Of an answer, whose status is all that counts, no more is waited for. */
const DRAIN = { bytes: 64 * 1024, ms: 1_000 };

/**
 * Posts to addresses that have been checked a moment before and looked up only once, so that the
 * host name can't lead elsewhere in between. No proxy of the environment is used, since that would
 * look the name up by itself, no redirect is followed, and no connection is kept.
 */
export function createPost(findTarget: FindTarget): Post {
  return async (message) => {
    const { url, timeoutMs } = message;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), timeoutMs);
    const late = { problem: `the receiver did not answer within ${timeoutMs / 1000} s` };
    try {
      const target = await findTarget(url);
      if ('problem' in target) return { problem: `the webhook's URL ${target.problem}` };
      return over.signal.aborted ? late : await send(target, message, over.signal, late);
    } finally {
      clearTimeout(timer);
    }
  };
}

function send(
  { url, addresses }: Exclude<Target, { problem: string }>,
  { headers, body }: Message,
  signal: AbortSignal,
  late: Delivery,
): Promise<Delivery> {
  const lookup: LookupFunction = (_host, { all }, found) => {
    const [{ address, family }] = addresses;
    if (all) found(null, [...addresses]);
    else found(null, address, family);
  };
  const post = url.protocol === 'https:' ? requestHttps : requestHttp;
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    agent: false,
    lookup,
    signal,
  };
  return new Promise((resolve) => {
    let status: number | undefined;
    // Whatever happens to its body, an answer whose status has come is an answer.
    const settle = (otherwise: Delivery) => resolve(status === undefined ? otherwise : { status });
    const request = post(url, options);
    request.on('response', (response) => {
      status = response.statusCode;
      drain(response);
    });
    request.on('error', (error) => {
      settle(signal.aborted ? late : { problem: networkReason(error).reason });
    });
    request.on('close', () => settle({ problem: 'the connection broke off' }));
    request.end(body);
  });
}

/** Reads and forgets an answer's body, or the beginning of it. */
function drain(response: IncomingMessage): void {
  const timer = setTimeout(() => response.destroy(), DRAIN.ms);
  let bytes = 0;
  response.on('data', ({ length }: Buffer) => {
    bytes += length;
    if (bytes > DRAIN.bytes) response.destroy();
  });
  response.on('error', () => undefined);
  response.on('close', () => clearTimeout(timer));
}
