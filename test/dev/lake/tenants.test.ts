import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectLake, type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

let first: Lake;
let second: Lake;

beforeAll(async () => {
  first = await startLake({ rows: 0 });
  second = await startLake({ rows: 0, tenant: 'OTHER_PRD' });
});
afterAll(() => Promise.all([first.close(), second.close()]));

describe('a second tenant', () => {
  it('has its id in every part of the credentials that has one', async () => {
    expect(first.credentials).toMatchObject({ ti: 'DEMO_TST', ci: 'DEMO_TST~local-lake-client' });
    expect(second.credentials).toMatchObject({
      ti: 'OTHER_PRD',
      ci: 'OTHER_PRD~local-lake-client',
      iu: second.url,
      pu: `${second.url}/OTHER_PRD/as/`,
      saak: 'OTHER_PRD#local-lake-access-key',
    });
    expect(await connectLake(second.url).credentials()).toEqual(second.credentials);
  });

  it('is answered beside the first, each from its own data', async () => {
    const names = (lake: Lake) =>
      new CompassClient(lake).rows('SELECT DISTINCT table_catalog FROM information_schema.tables');
    expect(await Promise.all([first, second].map(names))).toEqual([
      [{ table_catalog: 'DEMO_TST' }],
      [{ table_catalog: 'OTHER_PRD' }],
    ]);
  });

  it('knows no path and no credentials of the first', async () => {
    const path = (tenant: string) => `${second.url}/${tenant}/DATAFABRIC/compass/v2/ping`;
    expect((await fetch(path('DEMO_TST'))).status).toBe(404);
    expect((await fetch(path('OTHER_PRD'))).status).toBe(401);
    const { ci, cs, saak, sask } = first.credentials;
    const client = { client_id: ci, client_secret: cs, username: saak, password: sask };
    const response = await new CompassClient(second).tokenRequest({ form: client });
    expect(response.status).toBe(401);
  });

  it('cannot have an id that is more than one part of a path', async () => {
    await expect(startLake({ rows: 0, tenant: 'A/B' })).rejects.toThrow('A/B');
    await expect(startLake({ rows: 0, tenant: '' })).rejects.toThrow('tenant');
  });
});
