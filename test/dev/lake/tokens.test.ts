import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';
import { bodyOf, CompassClient } from './compass-client.js';

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 0 });
});
afterAll(() => lake.close());
afterEach(() => {
  lake.clearRequests();
});

describe('the credentials', () => {
  it('are a whole .ionapi file for a backend service', () => {
    const keys = 'ti cn dt ci cs iu pu oa ot or ev v saak sask'.split(' ');
    expect(Object.keys(lake.credentials).sort()).toEqual(keys.sort());
    expect(lake.credentials).toMatchObject({
      ti: 'DEMO_TST',
      iu: lake.url,
      pu: `${lake.url}/DEMO_TST/as/`,
      ot: 'token.oauth2',
    });
  });
});

describe('the token endpoint', () => {
  beforeAll(() => {
    client = new CompassClient(lake);
  });

  it('gives a bearer token for two hours to a client named in the body', async () => {
    const response = await client.tokenRequest();
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toMatchObject({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 7200,
    });
    expect(lake.requests[0]).toMatchObject({ kind: 'token', status: 200, clientAuth: 'body' });
  });

  it('accepts a client named by HTTP Basic', async () => {
    const { ci, cs } = lake.credentials;
    expect((await client.tokenRequest({ basic: `${ci}:${cs}` })).status).toBe(200);
    expect(lake.requests[0]).toMatchObject({ clientAuth: 'basic' });
  });

  it.each([{ scope: 'openid' }, { scope: '' }])('accepts %o', async (form) => {
    expect((await client.tokenRequest({ form })).status).toBe(200);
  });

  it('answers 401 invalid_client to an unknown client', async () => {
    const response = await client.tokenRequest({ form: { client_secret: 'wrong' } });
    expect(response.status).toBe(401);
    expect(await bodyOf(response)).toEqual({
      error: 'invalid_client',
      error_description: expect.any(String),
    });
  });

  it('answers 400 invalid_grant to a wrong service account', async () => {
    const response = await client.tokenRequest({ form: { password: 'wrong' } });
    expect(response.status).toBe(400);
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_grant' });
  });

  it('answers 400 to a grant that it does not know', async () => {
    const response = await client.tokenRequest({ form: { grant_type: 'client_credentials' } });
    expect(response.status).toBe(400);
    expect(await bodyOf(response)).toMatchObject({ error: 'unsupported_grant_type' });
  });

  it('gives a new token for a refresh token', async () => {
    const { refresh_token } = await bodyOf(await client.tokenRequest());
    const form = { grant_type: 'refresh_token', refresh_token };
    expect(await bodyOf(await client.tokenRequest({ form }))).toHaveProperty('access_token');
  });

  it('leaves the refresh token out when told to', async () => {
    lake.configure({ refreshTokens: false });
    expect(await bodyOf(await client.tokenRequest())).not.toHaveProperty('refresh_token');
    lake.configure({ refreshTokens: true });
  });
});

describe('a token', () => {
  const ping = (authorization: string) =>
    new CompassClient(lake).call('/ping', { headers: { Authorization: authorization } });

  it('opens the gateway', async () => {
    const token = await new CompassClient(lake).token();
    expect((await ping(`Bearer ${token}`)).status).toBe(200);
  });

  it.each(['', 'Bearer', 'Bearer made-up'])('is refused with 401 when it is %o', async (value) => {
    expect((await ping(value)).status).toBe(401);
  });

  it('expires by the clock of the lake', async () => {
    const token = await new CompassClient(lake).token();
    lake.advance(7_199_000);
    expect((await ping(`Bearer ${token}`)).status).toBe(200);
    lake.advance(1_000);
    expect((await ping(`Bearer ${token}`)).status).toBe(401);
  });

  it('can be expired by hand', async () => {
    const token = await new CompassClient(lake).token();
    expect(lake.expireTokens()).toBeGreaterThan(0);
    expect((await ping(`Bearer ${token}`)).status).toBe(401);
  });
});
