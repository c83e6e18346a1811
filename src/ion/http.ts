import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosResponse } from 'axios';
import { isLoopback } from '../config/loopback.js';
import { bodyText } from './body-text.js';
import { networkError } from './network-error.js';
import { withTimeLimit } from './time-limit.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For the whole call, from connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The decoded, decompressed text; nobody has parsed it. A byte that is not UTF-8 is an unpaired
   * surrogate in it (`body-text.ts`). The client takes a compressed body
   * that ends early for a whole one, so a reader has to notice a text that is cut off.
   */
  readonly body: string;
}

/**
 * One HTTP call; every status is an answer.
 * @throws AppError LAKE_TIMEOUT, LAKE_UNREACHABLE, LAKE_BAD_ANSWER; never axios' own error,
 *   whose `config` holds the Authorization header
 */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

// A result page is 10 MB at most (Infor's limit); what is far beyond is not a page.
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const asIs = (data: unknown): unknown => data;

/** The client for Infor, made once: its agents keep connections open between calls. */
export function createHttp(): Http {
  const client = axios.create({
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    // As bytes: as text the client would replace what is not UTF-8 without a word.
    responseType: 'arraybuffer',
    transformRequest: asIs,
    transformResponse: asIs,
    validateStatus: null,
    // A redirect would carry the token or the secret to wherever it points.
    maxRedirects: 0,
    maxContentLength: MAX_BODY_BYTES,
    maxBodyLength: MAX_BODY_BYTES,
  });
  return ({ method, url, headers, body, timeoutMs, signal }) => {
    const { host, hostname } = new URL(url);
    return withTimeLimit(host, timeoutMs, signal, async (limit) => {
      try {
        const response = await client.request<Buffer>({
          method,
          url,
          headers,
          data: body,
          signal: limit,
          // A proxy from the environment must not see what stays on this machine.
          ...(isLoopback(hostname) && { proxy: false }),
        });
        return answerOf(response);
      } catch (error) {
        throw networkError(error, host);
      }
    });
  };
}

function answerOf({ status, headers, data }: AxiosResponse<Buffer>): HttpAnswer {
  const texts = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { status, headers: Object.fromEntries(texts), body: bodyText(data) };
}
