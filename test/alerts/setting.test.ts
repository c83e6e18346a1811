import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { call } = await startBackend({ rows: 0 });
const put = (value: unknown) =>
  call('sync-settings', { method: 'PUT', body: { key: 'alertWebhookUrl', value } });

describe('alertWebhookUrl', () => {
  it.each([
    'https://hooks.example.com/services/T0/B0/x?y=1',
    'http://127.0.0.1:8080/hook',
    'http://localhost/hook',
    'http://[::1]:8080',
    null,
  ])('can be %j', async (value) => {
    expect((await put(value)).status).toBe(200);
    const { body } = await call('sync-settings');
    expect(body.settings).toContainEqual(
      expect.objectContaining({ key: 'alertWebhookUrl', value, default: null }),
    );
  });

  it.each([
    'http://hooks.example.com/hook',
    'http://10.0.0.1/hook',
    'http://127.0.0.1.example.com/hook',
    'ftp://hooks.example.com/hook',
    'file:///etc/passwd',
    'https://user:pass-word@hooks.example.com/',
    'hooks.example.com',
    '',
    `https://example.com/${'x'.repeat(2_000)}`,
    5,
    ['https://example.com'],
  ])('can not be %j, and the refusal does not repeat it', async (value) => {
    const { status, body } = await put(value);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details.map(({ field }) => field)).toEqual(['value']);
    expect(JSON.stringify(body)).not.toMatch(/example\.com|pass-word|passwd/);
  });
});
