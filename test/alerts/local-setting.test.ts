import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';
import { LOCAL } from './receiver.js';

/** Every name but this machine's own has a public address. */
const resolve = async (hostname: string) => [
  { address: hostname === 'localhost' ? '127.0.0.1' : '93.184.215.14', family: 4 },
];
const { call } = await startBackend({ rows: 0 }, LOCAL, { resolve });
const put = (value: unknown) =>
  call('sync-settings', { method: 'PUT', body: { key: 'alertWebhookUrl', value } });

describe('alertWebhookUrl under a local runtime', () => {
  it.each([
    'https://hooks.example.com/services/T0/B0/x?y=1',
    'http://127.0.0.1:8080/hook',
    'http://[::1]:8080',
    'http://localhost/hook',
    'https://localhost/hook',
    null,
  ])('can be %j', async (value) => {
    expect((await put(value)).status).toBe(200);
  });

  it.each([
    'http://hooks.example.com/hook',
    'http://10.0.0.1/hook',
    'https://10.0.0.1/hook',
    'http://127.0.0.1.example.com/hook',
  ])('can not be %j', async (value) => {
    const { status, body } = await put(value);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
  });
});
