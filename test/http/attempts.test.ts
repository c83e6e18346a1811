import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/app-error.js';
import { countFailedAttempt } from '../../src/http/failed-attempts.js';
import { exchange, TOKEN } from './served.js';

const from = (address: string, token?: string) =>
  exchange({ ...(token && { token }), headers: { 'x-nf-client-connection-ip': address } });

describe('attempts without a right token', () => {
  it('say how a token is sent', async () => {
    const { status, headers } = await from('192.0.2.1');
    expect({ status, how: headers.get('www-authenticate') }).toEqual({
      status: 401,
      how: 'Bearer',
    });
  });

  it('are limited for an address, and for no other', async () => {
    const statuses = [];
    for (let attempt = 1; attempt <= 61; attempt++) {
      statuses.push((await from('192.0.2.2', 'wrong')).status);
    }
    expect(statuses.slice(0, 60).every((status) => status === 401)).toBe(true);
    const { status, headers, body } = await from('192.0.2.2');
    expect({ status, code: body.code }).toEqual({ status: 429, code: 'TOO_MANY_REQUESTS' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await from('192.0.2.3')).status).toBe(401);
  });

  it('are limited for a network whose every address is one client', async () => {
    for (let attempt = 1; attempt <= 60; attempt++) {
      await from(`2001:db8:0:1::${attempt.toString(16)}`, 'wrong');
    }
    expect((await from('2001:db8:0:1:a:b:c:d', 'wrong')).status).toBe(429);
    expect((await from('2001:db8:0:2::1', 'wrong')).status).toBe(401);
  });

  it('are limited for a minute, also where the clock is set back in it', () => {
    const [address, now] = ['192.0.2.9', 1_700_000_000_000];
    const count = (at: number) => () => countFailedAttempt(address, at);
    for (let attempt = 1; attempt <= 60; attempt++) count(now)();
    expect(count(now)).toThrow(AppError);
    expect(count(now - 3_600_000)).not.toThrow();
    expect(count(now)).not.toThrow();
  });

  it("don't stand in the way of a right one", async () => {
    expect((await from('192.0.2.2', TOKEN)).status).toBe(200);
  });
});
