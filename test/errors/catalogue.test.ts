import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { health } from '../../src/api/health.js';
import { createApp } from '../../src/app.js';
import { systemClock } from '../../src/clock.js';
import { AppError } from '../../src/errors/app-error.js';
import { ERROR_CODES, type ErrorCode, entryOf } from '../../src/errors/codes.js';
import { serve } from '../../src/http/serve.js';
import { isTransient, toMongoError } from '../../src/store/driver/mongo-error.js';
import { withRetry } from '../../src/store/driver/retry.js';
import { startBackend } from '../support/backend.js';

const READ_TOKEN = 'read-token-not-a-secret';
const { call, configure, db, uri } = await startBackend(
  { rows: 20 },
  { API_READ_TOKEN: READ_TOKEN },
);
await call('init-sync-config', { body: {} });

async function expectCode(code: ErrorCode, answer: ReturnType<typeof call>) {
  const { status, body } = await answer;
  expect(body).toMatchObject({
    code,
    // It says what to do.
    error: expect.stringContaining(entryOf(code).action),
    details: expect.any(Array),
    requestId: expect.any(String),
    timestamp: expect.any(String),
  });
  expect(status).toBe(entryOf(code).status);
  return body;
}

const body = { tableId: 'orders' };

describe('a request is refused', () => {
  it('with a body that is no JSON object', async () => {
    for (const text of ['{"tableId":', '[]', 'null', '"orders"']) {
      await expectCode('BODY_NOT_JSON', call('sync-table', { body: text }));
    }
  });

  it('with a body that is too large', async () => {
    const large = { ...body, description: 'x'.repeat(70_000) };
    await expectCode('BODY_TOO_LARGE', call('sync-config', { method: 'PUT', body: large }));
  });

  it('with a body of another type', async () => {
    const headers = { 'content-type': 'text/plain' };
    await expectCode('UNSUPPORTED_MEDIA_TYPE', call('sync-table', { body, headers }));
  });

  it('with a method that the endpoint does not have', async () => {
    const answer = call('sync-stats', { method: 'DELETE' });
    await expectCode('METHOD_NOT_ALLOWED', answer);
    expect((await answer).headers.get('allow')).toBe('HEAD, GET, OPTIONS');
  });

  it('without token, and with a wrong one', async () => {
    for (const authorization of ['', 'Basic dXNlcg==', 'Bearer wrong']) {
      await expectCode('NOT_AUTHORIZED', call('sync-stats', { headers: { authorization } }));
    }
  });

  it('with the read token where something would change', async () => {
    const headers = { authorization: `Bearer ${READ_TOKEN}` };
    expect(await call('sync-stats', { headers })).toMatchObject({ status: 200 });
    await expectCode('FORBIDDEN', call('sync-table', { body, headers }));
  });

  it('on a site without token', async () => {
    const token = process.env.API_TOKEN;
    delete process.env.API_TOKEN;
    try {
      await expectCode('API_TOKEN_UNSET', call('sync-stats'));
    } finally {
      process.env.API_TOKEN = token;
    }
  });
});

describe('what a request names', () => {
  it('is there already', async () => {
    await expectCode('CONFIG_EXISTS', call('sync-config', { body }));
  });

  it('is disabled, and runs only by force', async () => {
    await configure('orders', { enabled: false });
    await expectCode('TABLE_DISABLED', call('sync-table', { body }));
    expect(await call('sync-table', { body: { ...body, force: true } })).toMatchObject({
      status: 200,
    });
  });

  it('is a job that nobody knows', async () => {
    const jobId = String(new mongo.ObjectId());
    await expectCode('JOB_NOT_FOUND', call('sync-status', { query: { jobId } }));
    const cancel = { jobId, action: 'cancel' };
    await expectCode('JOB_NOT_FOUND', call('sync-control', { body: cancel }));
  });
});

describe('MongoDB', () => {
  it('refuses a user', async () => {
    const secret = 'wrong-password-not-a-secret';
    const withUser = uri.replace('mongodb://', `mongodb://nobody:${secret}@`);
    const app = createApp({ MONGODB_URI: withUser });
    const error = await app.models().catch((thrown: unknown) => thrown);
    await app.close();
    expect(error).toMatchObject({ code: 'MONGODB_AUTH_REFUSED', status: 503 });
    expect(JSON.stringify({ error, message: String(error) })).not.toContain(secret);
  });

  it('refuses an operation, and its text is shown', async () => {
    const command = () => db.command({ noSuchCommand: 1 });
    const error = await withRetry(command, { clock: systemClock }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'MONGODB_FAILED',
      details: [{ message: expect.stringContaining('noSuchCommand') }],
    });
  });

  it.each([
    ['an election', { code: 10_107 }],
    ['a shutdown', { code: 91 }],
    ['a write conflict', { code: 112 }],
    ['a transaction that may be repeated', { errorLabels: ['TransientTransactionError'] }],
    ['a write that may be repeated', { errorLabels: ['RetryableWriteError'] }],
  ])('is busy for a moment: %s', (_, answer) => {
    const error = toMongoError(new mongo.MongoServerError({ message: 'not now', ...answer }));
    expect(error).toMatchObject({ code: 'MONGODB_BUSY', retriable: true });
    if ('code' in answer) expect(isTransient(answer.code)).toBe(true);
  });
});

describe('a fault of the backend itself', () => {
  it('is told by its request id only', async () => {
    const secret = 'mongodb://user:password@host';
    const handle = serve(health, () => {
      throw new Error(secret);
    });
    const url = 'http://localhost/.netlify/functions/health?deep=1';
    const headers = { authorization: `Bearer ${process.env.API_TOKEN}` };
    const response = await handle(new Request(url, { headers }));
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL', details: [] });
    expect(text).not.toContain(secret);
  });
});

describe('the catalogue', () => {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];

  it('has no code that no test produces', async () => {
    const files = (await readdir('test', { recursive: true })).filter((name) =>
      name.endsWith('.test.ts'),
    );
    const texts = await Promise.all(files.map((name) => readFile(join('test', name), 'utf8')));
    const tests = texts.join('\n');
    expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(tests))).toEqual([]);
  });

  it('has no code that nothing reports', async () => {
    const files = (await readdir('src', { recursive: true })).filter(
      (name) => name.endsWith('.ts') && name !== join('errors', 'codes.ts'),
    );
    const texts = await Promise.all(files.map((name) => readFile(join('src', name), 'utf8')));
    const sources = texts.join('\n');
    expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  });

  it.each(codes)('says of %s what it means and what to do, in whole sentences', (code) => {
    const { meaning, action, status } = entryOf(code);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(action).toMatch(/^[A-Z].*\.$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(new AppError(code).message).toBe(meaning);
  });
});
