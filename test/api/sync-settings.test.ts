import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { call, db } = await startBackend({ rows: 0 });
const put = (body: unknown) => call('sync-settings', { method: 'PUT', body });
const settings = async () =>
  (await call('sync-settings')).body.settings as readonly Record<string, unknown>[];
const limit = async () =>
  (await settings()).find(({ key }) => key === 'freshnessLimitMinutes')?.value;

describe('GET sync-settings', () => {
  it('shows every setting with its default before any is set', async () => {
    await db.collection('settings').deleteMany({});
    for (const setting of await settings()) {
      expect(setting).toEqual({
        key: expect.any(String),
        value: setting.default,
        description: expect.stringMatching(/\w{3}/),
        default: setting.default,
      });
    }
  });
});

describe('PUT sync-settings', () => {
  it('sets one by key and value', async () => {
    const { status, body } = await put({ key: 'freshnessLimitMinutes', value: 90 });
    expect(status).toBe(200);
    expect(body.settings).toEqual(await settings());
    expect(await limit()).toBe(90);
  });

  it('sets several by name', async () => {
    expect((await put({ settings: { freshnessLimitMinutes: 120 } })).status).toBe(200);
    expect(await limit()).toBe(120);
    expect((await put({ settings: {} })).status).toBe(200);
    expect(await limit()).toBe(120);
  });

  it('takes an entry that was got and edited', async () => {
    const [entry] = await settings();
    expect((await put({ ...entry, value: null })).status).toBe(200);
    expect(await limit()).toBeNull();
  });

  it('keeps one value a setting, also of requests at the same time', async () => {
    await db.collection('settings').deleteMany({});
    const replies = await Promise.all(
      [10, 11, 12, 13].map((value) => put({ key: 'freshnessLimitMinutes', value })),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await db.collection('settings').countDocuments()).toBe(1);
  });

  it.each([
    ['key', { key: 'apiToken', value: 'x' }],
    ['key', { key: 'toString', value: 'x' }],
    ['key', { key: { $gt: '' }, value: 60 }],
    ['key', { value: 60 }],
    ['key', {}],
    ['key', { key: 'freshnessLimitMinutes', value: 60, settings: {} }],
    ['value', { key: 'freshnessLimitMinutes' }],
    ['value', { key: 'freshnessLimitMinutes', value: 9 }],
    ['value', { key: 'freshnessLimitMinutes', value: '60' }],
    ['value', { key: 'freshnessLimitMinutes', value: 60.5 }],
    ['value', { key: 'freshnessLimitMinutes', value: 1e9 }],
    ['settings.color', { settings: { freshnessLimitMinutes: 60, color: 'red' } }],
    ['settings.freshnessLimitMinutes', { settings: { freshnessLimitMinutes: true } }],
    ['settings', { settings: 'all' }],
    ['color', { key: 'freshnessLimitMinutes', value: 60, color: 'red' }],
  ])('refuses a wrong %s: %j', async (field, body) => {
    const before = await settings();
    const reply = await put(body);
    expect({ status: reply.status, code: reply.body.code }).toEqual({
      status: 400,
      code: 'VALIDATION_FAILED',
    });
    expect(reply.body.details.map((detail) => detail.field)).toEqual([field]);
    expect(await settings()).toEqual(before);
  });

  it('falls back to the default where what is stored is not valid', async () => {
    await db.collection('settings').updateMany({}, { $set: { value: 'soon' } });
    expect(await limit()).toBeNull();
  });
});
