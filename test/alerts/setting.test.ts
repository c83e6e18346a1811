import { afterEach, describe, expect, it } from 'vitest';
import type { Resolve } from '../../src/alerts/target.js';
import { startBackend } from '../support/backend.js';

/** What DNS says of every name; undefined: nothing, the name is unknown. */
let address: string | undefined = '93.184.215.14';
const resolve: Resolve = async (hostname) => {
  if (address !== undefined) return [{ address, family: 4 }];
  throw Object.assign(new Error(`no ${hostname}`), { code: 'ENOTFOUND' });
};
afterEach(() => {
  address = '93.184.215.14';
});

const PATH = '/services/T0/secret-of-the-hook';
const { call, db } = await startBackend({ rows: 0 }, {}, { resolve });
const put = (value: unknown) =>
  call('sync-settings', { method: 'PUT', body: { key: 'alertWebhookUrl', value } });
const storedUrl = async () =>
  (await db.collection('settings').findOne({ key: '(site)' }))?.value.alertWebhookUrl;
const entryIn = (body: { readonly [field: string]: unknown }) =>
  (body.settings as readonly Record<string, unknown>[]).find(
    ({ key }) => key === 'alertWebhookUrl',
  );

describe('alertWebhookUrl', () => {
  it('is stored and never shown, but for its origin', async () => {
    const value = `https://hooks.example.com${PATH}?key=other-secret`;
    const { status, body } = await put(value);
    expect(status).toBe(200);
    expect(await storedUrl()).toBe(value);
    const got = (await call('sync-settings')).body;
    expect(entryIn(got)).toEqual({
      key: 'alertWebhookUrl',
      value: '(set)',
      origin: 'https://hooks.example.com',
      description: expect.any(String),
      default: null,
    });
    const other = await call('sync-settings', {
      method: 'PUT',
      body: { key: 'freshnessLimitMinutes', value: 90 },
    });
    const deep = await call('health', { query: { deep: '1' } });
    const audit = await call('sync-audit');
    for (const answer of [body, got, other.body, deep.body, audit.body]) {
      expect(JSON.stringify(answer)).not.toMatch(/secret-of-the-hook|other-secret/);
    }
  });

  it('stays as it is when an answer is sent back', async () => {
    const value = `https://hooks.example.com${PATH}`;
    await put(value);
    const entry = entryIn((await call('sync-settings')).body);
    expect((await call('sync-settings', { method: 'PUT', body: entry })).status).toBe(200);
    const settings = { alertWebhookUrl: '(set)', freshnessLimitMinutes: 100 };
    const { body } = await call('sync-settings', { method: 'PUT', body: { settings } });
    expect(entryIn(body)).toMatchObject({ value: '(set)' });
    expect(await storedUrl()).toBe(value);
    const { body: audit } = await call('sync-audit');
    expect((audit.changes as readonly { target: string }[])[0]?.target).toBe(
      'freshnessLimitMinutes',
    );
  });

  it('can be taken away, and then there is nothing that could stay', async () => {
    await put(`https://hooks.example.com${PATH}`);
    expect(entryIn((await put(null)).body)).toEqual({
      key: 'alertWebhookUrl',
      value: null,
      description: expect.any(String),
      default: null,
    });
    const { status, body } = await put('(set)');
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details.map(({ field }) => field)).toEqual(['value']);
    expect(await storedUrl()).toBeNull();
  });

  it('is refused with everything else that the request would change', async () => {
    await call('sync-settings', {
      method: 'PUT',
      body: { settings: { alertWebhookUrl: null, freshnessLimitMinutes: 60 } },
    });
    for (const alertWebhookUrl of ['(set)', 'https://10.0.0.1/']) {
      const settings = { freshnessLimitMinutes: 120, alertWebhookUrl };
      const { status, body } = await call('sync-settings', { method: 'PUT', body: { settings } });
      expect({ status, fields: body.details.map(({ field }) => field) }).toEqual({
        status: 400,
        fields: ['settings.alertWebhookUrl'],
      });
    }
    const settings = (await call('sync-settings')).body.settings;
    expect(settings).toContainEqual(
      expect.objectContaining({ key: 'freshnessLimitMinutes', value: 60 }),
    );
  });

  it.each([
    'http://hooks.example.com/hook',
    'http://127.0.0.1:8080/hook',
    'http://localhost/hook',
    'https://localhost./hook',
    'https://10.0.0.1/hook',
    'https://0x7f.1/hook',
    'https://2130706433/hook',
    'https://[::ffff:127.0.0.1]/hook',
    'https://169.254.169.254/latest/meta-data',
    'ftp://hooks.example.com/hook',
    'file:///etc/passwd',
    'https://user:pass-word@hooks.example.com/',
    'hooks.example.com',
    '',
    `https://example.com/${'x'.repeat(2_000)}`,
    5,
    ['https://example.com'],
  ])('can not be %j on a deployed site, and the refusal does not repeat it', async (value) => {
    await put(null);
    const { status, body } = await put(value);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details.map(({ field }) => field)).toEqual(['value']);
    expect(JSON.stringify(body)).not.toMatch(/example\.com|pass-word|passwd|meta-data|hook"/);
    expect(await storedUrl()).toBeNull();
  });

  it.each(['10.0.0.7', '127.0.0.1', '169.254.169.254', '100.64.0.1'])(
    'can not be a host whose address is %s',
    async (leadsTo) => {
      address = leadsTo;
      const { status, body } = await put('https://hooks.example.com/hook');
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
      expect(JSON.stringify(body)).not.toContain(leadsTo);
    },
  );

  it('can be a host that is unknown as yet, which deep health tells', async () => {
    address = undefined;
    expect((await put(`https://hooks.example.com${PATH}`)).status).toBe(200);
    const { body } = await call('health', { query: { deep: '1' } });
    expect(body.checks).toMatchObject({
      webhook: {
        state: 'warning',
        set: true,
        origin: 'https://hooks.example.com',
        sentence: expect.stringContaining('unknown'),
      },
    });
  });
});
