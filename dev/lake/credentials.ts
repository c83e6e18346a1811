import type { IonApiFile } from './types.js';

/** The tenant of a lake that names no other. */
export const TENANT = 'DEMO_TST';

/** The `.ionapi` file of a tenant whose lake is at `url`. Its values say what they are and work nowhere else. */
export function lakeCredentials(url: string, tenant: string): IonApiFile {
  return {
    ti: tenant,
    cn: 'Local test lake',
    dt: '12',
    ci: `${tenant}~local-lake-client`,
    cs: 'local-lake-client-secret-for-tests-only',
    iu: url,
    pu: `${url}/${tenant}/as/`,
    oa: 'authorization.oauth2',
    ot: 'token.oauth2',
    or: 'revoke_token.oauth2',
    ev: 'local-lake',
    v: '1.0',
    saak: `${tenant}#local-lake-access-key`,
    sask: 'local-lake-secret-key-for-tests-only',
  };
}

/** The same as the variables that stand for the file's keys. */
export function ionVariables({
  credentials,
}: {
  readonly credentials: IonApiFile;
}): Record<string, string> {
  return {
    ION_TENANT: credentials.ti,
    ION_CLIENT_ID: credentials.ci,
    ION_CLIENT_SECRET: credentials.cs,
    ION_API_URL: credentials.iu,
    ION_SSO_URL: credentials.pu,
    ION_SAAK: credentials.saak,
    ION_SASK: credentials.sask,
  };
}
