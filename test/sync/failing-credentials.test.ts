import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ionVariables } from '../../dev/lake/index.js';
import { syncTable } from '../../src/api/sync-table.js';
import { syncWorkerBackground } from '../../src/api/sync-worker-background.js';
import { createApp } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';
import { TABLES } from '../../src/tables/registry.js';
import { defineTable, text } from '../../src/tables/table.js';
import { type Body, startBackend } from '../support/backend.js';

const { lake, call, sync, config, db, uri, expectEqual } = await startBackend({ rows: 40 });
await call('init-sync-config', { body: {} });
const RIGHT: Readonly<Record<string, string>> = ionVariables(lake);
const NONE = Object.fromEntries(Object.keys(RIGHT).map((name) => [name, undefined]));
const POLICY = { attempts: 2, baseMs: 1, capMs: 5 };
const ghost = defineTable({
  tableId: 'ghost',
  tableName: 'Ghost',
  description: '',
  collection: 'ghosts',
  object: 'CSWMS_wmwhse_GHOST',
  key: ['ID'],
  syncFrequency: 60,
  columns: text('WHSEID ID'),
});

/** A sync by an app of its own that finds these variables. */
async function syncWith(
  variables: Readonly<Record<string, string | undefined>>,
  tableId = 'taskdetail',
): Promise<{ status: number; body: Body }> {
  const env = { MONGODB_URI: uri, LOG_LEVEL: 'silent', ...variables };
  const app = createApp(env, { lakePolicy: POLICY, tables: [...TABLES, ghost] });
  try {
    const response = await serve(
      syncTable,
      () => app,
    )(
      new Request('http://localhost/.netlify/functions/sync-table', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${process.env.API_TOKEN}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ tableId }),
      }),
    );
    return { status: response.status, body: (await response.json()) as Body };
  } finally {
    await app.close();
  }
}

// The file is looked for in the working directory; a developer's own must not be found.
const home = process.cwd();
const folder = await mkdtemp(join(tmpdir(), 'datalake-sync-credentials-'));
const file = join(folder, 'ION_Credentials', 'IONAPI_CREDENTIALS.ionapi');
beforeAll(async () => {
  await mkdir(join(folder, 'ION_Credentials'));
  process.chdir(folder);
});
afterEach(() => rm(file, { force: true }));
afterAll(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

const jobs = () => db.collection('syncjobs').countDocuments({ tableId: 'taskdetail' });
const { saak: _a, sask: _s, ...interactive } = lake.credentials;

describe('an order for a worker', () => {
  it('that can not be checked is refused, and tells nobody what is missing', async () => {
    const app = createApp({ MONGODB_URI: uri, LOG_LEVEL: 'silent' });
    const response = await serve(
      syncWorkerBackground,
      () => app,
    )(
      new Request('http://localhost/.netlify/functions/sync-worker-background', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-sync-signature': 'x' },
        body: '{}',
      }),
    );
    const { code, details } = (await response.json()) as Body;
    expect({ status: response.status, code, details }).toEqual({
      status: 401,
      code: 'SIGNATURE_INVALID',
      details: [],
    });
    await app.close();
  });
});

describe('credentials that can not be used stop a sync before it begins, and are named:', () => {
  it.each<
    [string, Record<string, string | undefined>, string | Buffer | undefined, string, string[]]
  >([
    ['none at all', NONE, undefined, 'ION_CREDENTIALS_MISSING', []],
    [
      'a secret that is missing',
      { ...RIGHT, ION_CLIENT_SECRET: undefined },
      undefined,
      'ION_CREDENTIALS_INCOMPLETE',
      ['ION_CLIENT_SECRET'],
    ],
    [
      'a secret that is blank',
      { ...RIGHT, ION_SASK: ' ' },
      undefined,
      'ION_CREDENTIALS_INCOMPLETE',
      ['ION_SASK'],
    ],
    [
      'a variable beside a whole file',
      { ...NONE, ION_TENANT: 'DEMO_TST' },
      JSON.stringify(lake.credentials),
      'ION_CREDENTIALS_INCOMPLETE',
      ['ION_CLIENT_ID', 'ION_CLIENT_SECRET', 'ION_API_URL', 'ION_SSO_URL', 'ION_SAAK', 'ION_SASK'],
    ],
    [
      'a tenant with a slash',
      { ...RIGHT, ION_TENANT: '../other' },
      undefined,
      'ION_CREDENTIALS_MALFORMED',
      ['ION_TENANT'],
    ],
    [
      'a gateway in plain text',
      { ...RIGHT, ION_API_URL: 'http://gateway.example' },
      undefined,
      'ION_CREDENTIALS_MALFORMED',
      ['ION_API_URL'],
    ],
    [
      'an authorisation server that is none',
      { ...RIGHT, ION_SSO_URL: 'nowhere' },
      undefined,
      'ION_CREDENTIALS_MALFORMED',
      ['ION_SSO_URL'],
    ],
    ['a file for people', NONE, JSON.stringify(interactive), 'ION_CREDENTIALS_INTERACTIVE', []],
    [
      'a file without a secret',
      NONE,
      JSON.stringify({ ...lake.credentials, cs: '' }),
      'ION_CREDENTIALS_INCOMPLETE',
      ['cs'],
    ],
    ['a file that is no JSON', NONE, '{"ti": ', 'ION_CREDENTIALS_MALFORMED', []],
    [
      'a file in UTF-16',
      NONE,
      Buffer.from(`\ufeff${JSON.stringify(lake.credentials)}`, 'utf16le'),
      'ION_CREDENTIALS_MALFORMED',
      [],
    ],
  ])('%s', async (_name, variables, content, code, fields) => {
    if (content !== undefined) await writeFile(file, content);
    const before = await jobs();
    const { status, body } = await syncWith(variables);
    expect({ status, code: body.code }).toEqual({ status: 503, code });
    expect(body.details.flatMap(({ field }) => field ?? []).sort()).toEqual([...fields].sort());
    const { ION_CLIENT_SECRET = '', ION_SASK = '' } = RIGHT;
    for (const secret of [ION_CLIENT_SECRET, ION_SASK]) {
      expect(JSON.stringify(body)).not.toContain(secret);
    }
    expect(await jobs()).toBe(before);
  });

  it('a whole file is used where no variable is set', async () => {
    await writeFile(file, `\ufeff${JSON.stringify(lake.credentials)}`);
    expect((await syncWith(NONE)).status).toBe(200);
    await expectEqual('taskdetail');
  });
});

/** Ports on which nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

describe('credentials that Infor refuses, and an Infor that is not there, fail the run:', () => {
  it.each<[string, Record<string, string>, number, string]>([
    ['a wrong secret', { ION_CLIENT_SECRET: 'not-a-real-secret' }, 502, 'ION_AUTH_REFUSED'],
    ['a wrong client', { ION_CLIENT_ID: 'DEMO_TST~nobody' }, 502, 'ION_AUTH_REFUSED'],
    [
      'a wrong password of the service account',
      { ION_SASK: 'not-a-real-secret' },
      502,
      'ION_AUTH_REFUSED',
    ],
    ['a gateway that is not there', { ION_API_URL: NOBODY }, 502, 'LAKE_UNREACHABLE'],
    [
      'an authorisation server that is not there',
      { ION_SSO_URL: `${NOBODY}/DEMO_TST/as/`, ION_SAAK: 'other' },
      502,
      'LAKE_UNREACHABLE',
    ],
  ])('%s', async (_name, wrong, status, code) => {
    lake.expireTokens();
    await db.collection('iontokens').deleteMany({});
    const before = await config('taskdetail');
    const failed = await syncWith({ ...RIGHT, ...wrong });
    expect({ status: failed.status, code: failed.body.code }).toEqual({ status, code });
    expect(JSON.stringify(failed.body)).not.toContain('not-a-real-secret');
    const entry = await db.collection('synchistories').findOne({ syncJobId: failed.body.jobId });
    expect(entry).toMatchObject({ status: 'failed', recordsProcessed: 0, errorCode: code });
    const after = await config('taskdetail');
    expect(after.watermark).toEqual(before.watermark);
    expect(after).toMatchObject({ lastSyncStatus: 'failed', lastSyncJobId: failed.body.jobId });

    lake.advance(3_600_000);
    await lake.edit('CSWMS_wmwhse_TASKDETAIL', '1 = 1', { STATUS: code.slice(0, 10) });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('another tenant is refused before anything of it is read', async () => {
    const { status, body } = await syncWith({ ...RIGHT, ION_TENANT: 'OTHER_TST' });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'SOURCE_CHANGED' });
    await expectEqual('taskdetail');
  });

  it('an object that the tenant does not have: the lake says so itself', async () => {
    await db.collection('syncconfigs').insertOne({
      ...(await config('receipt')),
      _id: undefined as never,
      tableId: 'ghost',
    });
    const { status, body } = await syncWith(RIGHT, 'ghost');
    expect({ status, code: body.code }).toEqual({ status: 502, code: 'LAKE_QUERY_FAILED' });
    expect(body.details[0]).toMatchObject({
      message: expect.stringContaining('CSWMS_wmwhse_GHOST'),
      queryId: expect.any(String),
      line: 1,
    });
    expect(body.error).toContain(body.details[0]?.message);
    expect(await db.collection('ghosts').countDocuments()).toBe(0);
  });
});
