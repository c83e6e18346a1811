import { afterAll, expect } from 'vitest';
import { compareTable } from '../../dev/compare/compare.js';
import { ionVariables, type Lake, type LakeOptions, startLake } from '../../dev/lake/index.js';
import type { Services } from '../../src/api/services.js';
import type { App, createApp } from '../../src/app.js';
import type { Endpoint } from '../../src/http/endpoint.js';
import { createRegistry, TABLES } from '../../src/tables/registry.js';
import { expectContract } from './contract.js';
import { type TestDatabase, testDatabase } from './database.js';

const TEST_TOKEN = 'test-token-that-is-no-secret';

export interface Stats {
  readonly totalRecords: number;
  readonly processedRecords: number;
  readonly insertedRecords: number;
  readonly updatedRecords: number;
  readonly unchangedRecords: number;
  readonly staleRecords: number;
  readonly errorRecords: number;
  readonly unreadableRecords: number;
  readonly deletedRecords: number;
  readonly replayedRecords: number;
  readonly collisions: number;
}

/** An answer, with the fields that tests look at. */
export interface Body {
  readonly message: string;
  readonly code?: string;
  readonly error?: string;
  readonly details: readonly { field?: string; message: string; [fact: string]: unknown }[];
  readonly jobId: string;
  readonly historyId: string;
  readonly status: string;
  readonly outcome: string;
  readonly mode: string;
  readonly stats: Stats;
  readonly warnings: readonly string[];
  readonly job: Record<string, unknown> & { stats: Stats };
  readonly history: Record<string, unknown>;
  readonly [field: string]: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

interface CallOptions {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of TEST_TOKEN. */
  readonly token?: string;
}

type AppOptions = NonNullable<Parameters<typeof createApp>[1]>;

export interface Backend extends TestDatabase {
  readonly lake: Lake;
  /** What the functions work with. */
  app(): App;
  /** Calls a function as the platform does. With a body it is a POST unless said otherwise. */
  call(name: string, options?: CallOptions): Promise<Reply>;
  /** Changes a configuration, which has to succeed. */
  configure(tableId: string, settings: Record<string, unknown>): Promise<void>;
  /** A sync that has to succeed and whose counts have to add up. */
  sync(tableId: string, options?: Record<string, unknown>): Promise<Body>;
  /** Asserts that a table's collection holds what the lake holds. */
  expectEqual(tableId: string): Promise<void>;
  /** The configuration as it is stored. */
  config(tableId: string): Promise<Record<string, unknown>>;
}

/**
 * The deployed functions, a lake and a database of the calling test file's own.
 * Call it once, at the top of the file: functions find their settings in the environment.
 * @param appOptions where the deployed ones won't do: the endpoints are then served over an
 *   app with these options
 */
export async function startBackend(
  lakeOptions: LakeOptions = {},
  environment: Readonly<Record<string, string>> = {},
  appOptions?: AppOptions,
): Promise<Backend> {
  const database = await testDatabase();
  const lake = await startLake({ rows: 200, ...lakeOptions });
  Object.assign(process.env, {
    ...ionVariables(lake),
    MONGODB_URI: database.uri,
    API_TOKEN: TEST_TOKEN,
    LOG_LEVEL: 'silent',
    ...environment,
  });
  // A file starts more runs a minute than any caller may.
  await database.db.collection('settings').insertOne({ key: 'startsPerMinute', value: null });
  const { app: deployed, createApp } = await import('../../src/app.js');
  const own = appOptions && createApp(process.env, appOptions);
  const app = () => own ?? deployed();
  afterAll(async () => {
    await app().close();
    await lake.close();
  });

  async function call(name: string, options: CallOptions = {}): Promise<Reply> {
    const handle = own ? await serveOver(own, name) : await deployedFunction(name);
    const response = await handle(requestFor(name, options));
    const text = await response.text();
    const { status, headers } = response;
    const type = headers.get('content-type');
    const isJson = /json/.test(type ?? 'json');
    const body = text === '' ? {} : isJson ? JSON.parse(text) : text;
    if (text !== '') expectContract({ name, method: methodOf(options), status, body, type });
    return { status, headers, body };
  }

  async function sync(tableId: string, options: Record<string, unknown> = {}): Promise<Body> {
    const { status, body } = await call('sync-table', { body: { tableId, ...options } });
    expect(body, JSON.stringify(body)).not.toHaveProperty('code');
    expect(status).toBe(200);
    expectSum(body.stats);
    return body;
  }

  const registry = createRegistry(appOptions?.tables ?? TABLES);
  return {
    ...database,
    lake,
    app,
    call,
    sync,
    async configure(tableId, settings) {
      const { status, body } = await call('sync-config', {
        method: 'PUT',
        body: { tableId, ...settings },
      });
      expect({ status, body }).toMatchObject({ status: 200, body: { tableId } });
    },
    async expectEqual(tableId) {
      const { differences } = await compareTable(lake, database.db, registry.get(tableId));
      expect(differences).toEqual([]);
    },
    async config(tableId) {
      return (await database.db.collection('syncconfigs').findOne({ tableId })) ?? {};
    },
  };
}

/** created + updated + unchanged + stale + rejected = rows read. */
export function expectSum(stats: Stats): void {
  const { insertedRecords, updatedRecords, unchangedRecords, staleRecords, errorRecords } = stats;
  expect(
    insertedRecords + updatedRecords + unchangedRecords + staleRecords + errorRecords,
    JSON.stringify(stats),
  ).toBe(stats.processedRecords);
}

type Handle = (request: Request) => Promise<Response>;

async function deployedFunction(name: string): Promise<Handle> {
  const { default: handle } = await import(`../../netlify/functions/${name}.ts`);
  return (request) => handle(request, {});
}

async function serveOver(app: App, name: string): Promise<Handle> {
  const { serve } = await import('../../src/http/serve.js');
  const exports = Object.values<Partial<Endpoint<Services>>>(
    await import(`../../src/api/${name}.ts`),
  );
  const endpoint = exports.find((one): one is Endpoint<Services> => one.name === name);
  if (!endpoint) throw new Error(`There is no endpoint ${name}.`);
  return serve(endpoint, () => app);
}

function methodOf({ method, body }: { method?: string | undefined; body?: unknown }): string {
  return method ?? (body === undefined ? 'GET' : 'POST');
}

function requestFor(
  name: string,
  { method, query = {}, body, headers, token = TEST_TOKEN }: CallOptions,
): Request {
  const url = `http://localhost/.netlify/functions/${name}?${new URLSearchParams(query)}`;
  return new Request(url, {
    method: methodOf({ method, body }),
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}
