import { z } from 'zod';
import { AppError } from '../../src/errors/app-error.js';
import type { Endpoint } from '../../src/http/endpoint.js';
import { serve } from '../../src/http/serve.js';
import { expectErrorAnswer } from '../support/contract.js';

export const TOKEN = 'write-token-of-a-test';
export const READ_TOKEN = 'read-token-of-a-test';
export const LOCAL_URL = 'http://localhost:8888/.netlify/functions/things';
export const DEPLOYED_URL = 'https://site.example/.netlify/functions/things';

/** What the tests set; whatever else of it the environment holds is gone while they run. */
type Setting =
  | 'API_TOKEN'
  | 'API_READ_TOKEN'
  | 'API_AUTH'
  | 'ALLOWED_ORIGINS'
  | 'NETLIFY_DEV'
  | 'NETLIFY_LOCAL'
  | 'LOG_LEVEL';
const SETTINGS: readonly Setting[] = [
  'API_TOKEN',
  'API_READ_TOKEN',
  'API_AUTH',
  'ALLOWED_ORIGINS',
  'NETLIFY_DEV',
  'NETLIFY_LOCAL',
  'LOG_LEVEL',
];
export type Environment = Partial<Record<Setting, string>>;

/** An endpoint with a read and a write method, one that is open, and one that fails. */
const things: Endpoint<object> = {
  name: 'things',
  methods: {
    GET: {
      access: (query) => (query.open === undefined ? 'read' : 'none'),
      query: z.strictObject({ open: z.string().optional(), name: z.string().optional() }),
      handle: async ({ query }) => ({ body: { query } }),
    },
    POST: {
      access: 'write',
      body: z.strictObject({ name: z.string().optional(), options: z.looseObject({}).optional() }),
      handle: async ({ body }) => ({ status: 201, body: { body } }),
    },
    PUT: {
      access: 'write',
      handle: async () => {
        throw new AppError('CONFIG_NOT_FOUND');
      },
    },
  },
};

export interface Exchange {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export interface Sent extends RequestInit {
  readonly url?: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
}

/** A request to an endpoint under a given environment. */
export async function exchange(
  { url = LOCAL_URL, token, ...init }: Sent = {},
  environment: Environment = { API_TOKEN: TOKEN, API_READ_TOKEN: READ_TOKEN },
  endpoint: Endpoint<object> = things,
): Promise<Exchange> {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  return underEnvironment({ LOG_LEVEL: 'silent', ...environment }, async () => {
    const response = await serve(endpoint, () => ({}))(new Request(url, { ...init, headers }));
    const text = await response.text();
    const body = text === '' ? {} : JSON.parse(text);
    if ('code' in body) expectErrorAnswer(body);
    return { status: response.status, headers: response.headers, text, body };
  });
}

/** A request with a JSON body, by the holder of the write token. */
export function send(
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
  method = 'POST',
) {
  return exchange({
    method,
    token: TOKEN,
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function underEnvironment<T>(environment: Environment, run: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(SETTINGS.map((name) => [name, process.env[name]]));
  for (const name of SETTINGS) delete process.env[name];
  Object.assign(process.env, environment);
  try {
    return await run();
  } finally {
    for (const name of SETTINGS) delete process.env[name];
    const set = Object.entries(before).filter(([, value]) => value !== undefined);
    Object.assign(process.env, Object.fromEntries(set));
  }
}
