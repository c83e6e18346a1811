import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { mongo } from 'mongoose';
import { afterAll, expect, test } from 'vitest';
import { compareTable } from '../../dev/compare/compare.js';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { startRuntime } from '../../dev/runtime/index.js';
import { taskdetail } from '../../src/tables/taskdetail.js';
import { testDatabase } from '../support/database.js';
import { type AttackRequest, attackRequests, HISTORY_ID, JOB_ID } from './requests.js';

/** Other ones every time; a failure prints the seed and the request. */
const REQUESTS = Number(process.env.ATTACKS ?? 5_000);
/** An answer takes milliseconds, a small sync a second; what takes this long hangs. */
const HANG_MS = 30_000;
/** Of an answer; the longest lists of a small site are far below. */
const LONGEST_ANSWER = 500_000;
const LONGEST_LINE = 20_000;
/** Under either of its paths; asked for the state of everything, it answers 503 for a bad one. */
const HEALTH = /^\/(api|\.netlify\/functions)\/health\b/;

const secret = () => randomBytes(24).toString('base64url');
const [writeToken, readToken] = [secret(), secret()];
const { uri, db } = await testDatabase();
const lake = await startLake({ rows: 40 });
const ion = ionVariables(lake);
const lines: string[] = [];
const runtime = await startRuntime({
  env: {
    ...ion,
    MONGODB_URI: uri,
    API_TOKEN: `ops:${writeToken}`,
    API_READ_TOKEN: readToken,
    LOG_LEVEL: 'trace',
  },
  log: (line) => lines.push(line),
});
afterAll(async () => {
  await runtime.close();
  await lake.close();
});

/** The public half of the credentials is in every URL. */
const PUBLIC = ['ION_TENANT', 'ION_API_URL', 'ION_SSO_URL'];
const SECRETS = [
  writeToken,
  readToken,
  ...Object.entries(ion)
    .filter(([name, value]) => !PUBLIC.includes(name) && value !== '')
    .map(([, value]) => value),
];
const secretsIn = (where: string) => SECRETS.filter((one) => where.includes(one)).length;

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function send({ method, target, headers, body }: AttackRequest): Promise<Reply> {
  const { hostname, port } = new URL(runtime.url);
  return new Promise((resolve, reject) => {
    // Node gives a DELETE no length of its own.
    const length = body !== undefined && { 'content-length': Buffer.byteLength(body) };
    const options = { hostname, port, method, path: target, headers: { ...headers, ...length } };
    const sent = request(options, (response) => {
      text(response).then(
        (answer) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer }),
        reject,
      );
    });
    sent.setTimeout(HANG_MS, () => sent.destroy(new Error(`no answer within ${HANG_MS} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Everything that is stored: of each collection its documents, as text. */
async function stored(): Promise<ReadonlyMap<string, string>> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  const entries = collections.map(async ({ name }) => {
    const documents = await db.collection(name).find({}).sort({ _id: 1 }).toArray();
    return [name, mongo.BSON.EJSON.stringify(documents)] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Runs that an accepted request has started go on by themselves. */
async function atRest(): Promise<ReadonlyMap<string, string>> {
  const count = (collection: string, field: string) =>
    db.collection(collection).countDocuments({ [field]: { $exists: true } });
  // The statistics count a run after its end.
  const open = async () =>
    (await count('syncjobs', 'active')) + (await count('synchistories', 'tally.due'));
  await expect.poll(open, { timeout: HANG_MS }).toBe(0);
  return stored();
}

/** With ids of what is stored in the places that are kept for them. */
async function withStoredIds(sent: AttackRequest): Promise<AttackRequest> {
  const newest = { sort: { _id: -1 } } as const;
  const [job, entry] = await Promise.all(
    ['syncjobs', 'synchistories'].map((name) => db.collection(name).findOne({}, newest)),
  );
  const replaced = (text: string) =>
    text
      .replaceAll(JOB_ID, String(job?._id ?? JOB_ID))
      .replaceAll(HISTORY_ID, String(entry?._id ?? HISTORY_ID));
  const { target, body } = sent;
  return {
    ...sent,
    target: replaced(target),
    body: typeof body === 'string' ? replaced(body) : body,
  };
}

let before: ReadonlyMap<string, string> = new Map();
async function expectToHold(generated: AttackRequest): Promise<void> {
  const sent = await withStoredIds(generated);
  const from = lines.length;
  const answer = await send(sent);
  const { status, headers } = answer;
  const isDeepHealth = HEALTH.test(sent.target) && status === 503;
  if (isDeepHealth) expect(JSON.parse(answer.text || '{"state":"failing"}').state).toBe('failing');
  else expect(status, answer.text).toBeLessThan(500);
  expect(answer.text.length).toBeLessThan(LONGEST_ANSWER);
  if (sent.method === 'HEAD') expect(answer.text).toBe('');
  if (headers['x-request-id'] !== undefined) {
    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^[\w.-]{1,80}$/),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  }
  expect(secretsIn(answer.text + JSON.stringify(headers)), 'secrets in the answer').toBe(0);
  for (const line of lines.slice(from)) {
    expect(line.length, line.slice(0, 200)).toBeLessThan(LONGEST_LINE);
    expect(secretsIn(line), 'secrets in the log').toBe(0);
    if (line.startsWith('{')) expect(() => JSON.parse(line), line.slice(0, 200)).not.toThrow();
  }
  if (status < 400 || isDeepHealth) {
    before = await atRest();
    return;
  }
  const after = await stored();
  const changed = [...after.keys()].filter(
    (name) => after.get(name) !== (before.get(name) ?? '[]'),
  );
  expect(changed, 'collections that a refused request has changed').toEqual([]);
}

test('No request breaks the backend, writes where it is refused, or is told a secret', async () => {
  const functions = (await readdir('netlify/functions'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -'.ts'.length));
  const known = { functions, writeToken, readToken };
  const headers = { authorization: `Bearer ${writeToken}`, 'content-type': 'application/json' };
  const post = (target: string, body: object) =>
    send({ method: 'POST', target, headers, body: JSON.stringify(body) });
  expect((await post('/api/init-sync-config', {})).status).toBe(200);
  // Starts would be refused after the first sixty.
  await db
    .collection('settings')
    .updateOne({ key: 'startsPerMinute' }, { $set: { value: null } }, { upsert: true });
  before = await stored();

  await fc.assert(fc.asyncProperty(attackRequests(known), expectToHold), {
    numRuns: REQUESTS,
    // What a request does depends on those before it.
    endOnFailure: true,
  });

  // After all that it does what it is for.
  const everything = [...(await stored()).values()].join();
  expect(everything).toContain('taskdetail');
  expect(secretsIn(everything), 'secrets in the database').toBe(0);
  await post('/api/sync-config', { tableId: 'taskdetail' });
  await db
    .collection('syncconfigs')
    .updateOne({ tableId: 'taskdetail' }, { $set: { options: {}, enabled: true } });
  const { status, text: answer } = await post('/api/sync-table', {
    tableId: 'taskdetail',
    mode: 'full',
    maxRecords: 0,
    force: true,
  });
  expect(status, answer).toBe(200);
  expect((await compareTable(lake, db, taskdetail)).differences).toEqual([]);
}, 0);
