import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import handle from '../../netlify/functions/openapi.js';

const get = (init: RequestInit = {}) => handle(new Request('http://localhost/api/openapi', init));

describe('openapi', () => {
  it('is what docs/openapi.json holds, for anyone', async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(JSON.parse(await readFile('docs/openapi.json', 'utf8')));
  });

  it('answers HEAD without a body, and no other method', async () => {
    expect(await (await get({ method: 'HEAD' })).text()).toBe('');
    const response = await get({ method: 'POST', body: '{}' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('HEAD, GET, OPTIONS');
  });

  it('answers on a site whose variables have wrong values', async () => {
    const before = process.env.LOG_LEVEL;
    process.env.LOG_LEVEL = 'loud';
    try {
      expect((await get()).status).toBe(200);
    } finally {
      if (before === undefined) delete process.env.LOG_LEVEL;
      else process.env.LOG_LEVEL = before;
    }
  });
});
