import { createHash } from 'node:crypto';
import { AppError, type ErrorDetail } from '../errors/app-error.js';
import { type Environment, processEnvironment } from './environment.js';
import { gatewayUrl, tokenUrl } from './ion-urls.js';
import { ION_KEYS, type IonKey, readIonapiFile } from './ionapi-file.js';

/** What it takes to get a token for one tenant and to call its gateway. */
export interface IonCredentials {
  /** First path segment of every API URL, e.g. `ACME_PRD`. */
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** User name of the service account. */
  readonly accessKey: string;
  /** Password of the service account. */
  readonly secretKey: string;
  /** The gateway's base without tenant and without a slash at its end. */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly source: 'environment' | 'file';
}

/** The variable that stands for each key of an .ionapi file. */
const VARIABLES = {
  ti: 'ION_TENANT',
  ci: 'ION_CLIENT_ID',
  cs: 'ION_CLIENT_SECRET',
  iu: 'ION_API_URL',
  pu: 'ION_SSO_URL',
  saak: 'ION_SAAK',
  sask: 'ION_SASK',
} as const satisfies Record<IonKey, string>;

const DEFAULT_FILE = 'ION_Credentials/IONAPI_CREDENTIALS.ionapi';

/**
 * The credentials, all from one source: from the variables as soon as one of them is set,
 * else from the `.ionapi` file (a relative path counts from the working directory).
 * @throws AppError ION_CREDENTIALS_MISSING, _INCOMPLETE, _MALFORMED or _INTERACTIVE; the
 *   details name the variables or keys at fault, never a value
 */
export function readIonCredentials(
  env: Environment = processEnvironment,
  { file = DEFAULT_FILE }: { readonly file?: string } = {},
): IonCredentials {
  const variables = Object.fromEntries(
    ION_KEYS.flatMap((key) => {
      const value = env[VARIABLES[key]]?.trim();
      return value ? [[key, value]] : [];
    }),
  );
  return Object.keys(variables).length > 0
    ? credentialsOf(variables, 'environment')
    : credentialsOf(readIonapiFile(file), 'file');
}

function credentialsOf(
  values: Readonly<Partial<Record<IonKey | 'ot', string | undefined>>>,
  source: IonCredentials['source'],
): IonCredentials {
  const nameOf = (key: IonKey) => (source === 'file' ? key : VARIABLES[key]);
  const { ti, ci, cs, iu, pu, saak, sask } = values;
  if (source === 'file' && ci && !saak && !sask) throw new AppError('ION_CREDENTIALS_INTERACTIVE');
  if (!ti || !ci || !cs || !iu || !pu || !saak || !sask) {
    const missing = ION_KEYS.filter((key) => !values[key]).map(nameOf);
    throw new AppError(
      'ION_CREDENTIALS_INCOMPLETE',
      `The ION credentials come from the ${source} and lack ${missing.join(', ')}.`,
      { details: missing.map((field) => ({ field, message: 'is missing' })) },
    );
  }
  const api = gatewayUrl(iu, ti);
  const token = tokenUrl(pu, values.ot);
  // The tenant becomes a path segment, so nothing that could change the path is let in.
  const isTenant = /^[A-Za-z0-9][\w.~-]*$/.test(ti);
  if (!isTenant || 'problem' in api || 'problem' in token) {
    const details: ErrorDetail[] = [];
    const add = (key: IonKey, message: string) => details.push({ field: nameOf(key), message });
    if (!isTenant) add('ti', 'must be a tenant id such as ACME_PRD');
    if ('problem' in api) add('iu', api.problem);
    if ('problem' in token) add('pu', token.problem);
    const fields = details.map(({ field }) => field).join(', ');
    throw new AppError('ION_CREDENTIALS_MALFORMED', `This has a wrong form: ${fields}.`, {
      details,
    });
  }
  return {
    tenant: ti,
    clientId: ci,
    clientSecret: cs,
    accessKey: saak,
    secretKey: sask,
    apiUrl: api.url,
    tokenUrl: token.url,
    source,
  };
}

/**
 * A short stable hash of tenant and gateway host: the mark of where rows come from. The port
 * is left out, since a lake on this machine takes another one each time it starts.
 */
export function sourceId({ tenant, apiUrl }: Pick<IonCredentials, 'tenant' | 'apiUrl'>): string {
  const { hostname } = new URL(apiUrl);
  return createHash('sha256').update(`${tenant}\n${hostname}`).digest('hex').slice(0, 16);
}
