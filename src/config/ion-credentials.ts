import { createHash } from 'node:crypto';
import { AppError, type ErrorDetail } from '../errors/app-error.js';
import { processEnvironment } from './environment.js';
import { type IonSource, readIonSource } from './ion-sources.js';
import { DEFAULT_TOKEN_PATH, gatewayUrl, isTokenUrl, tokenUrl } from './ion-urls.js';
import { ION_KEYS, type IonKey } from './ionapi-file.js';
import type { Environment } from './variables.js';

/** Everything needed to get a token for one tenant and to call its gateway. */
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

const DEFAULT_FILE = 'ION_Credentials/IONAPI_CREDENTIALS.ionapi';

/**
 * The credentials of the site: from the variables ION_*, from ION_CREDENTIALS (the file's JSON), or
 * from the `.ionapi` file (a relative path counts from the working directory).
 * @throws AppError ION_CREDENTIALS_MISSING, _INCOMPLETE, _MALFORMED, _CONFLICTING or _INTERACTIVE;
 *   the details name the variables or keys at fault, never a value
 */
export function readIonCredentials(
  env: Environment = processEnvironment,
  { file = DEFAULT_FILE }: { readonly file?: string } = {},
): IonCredentials {
  return credentialsOf(readIonSource(env, file));
}

function credentialsOf({ values, source, nameOf }: IonSource): IonCredentials {
  const { ti, ci, cs, iu, pu, saak, sask } = values;
  // Variables are set one by one, so with them the two are simply missing.
  const isFile = nameOf('saak') !== 'ION_SAAK';
  if (isFile && ci && !saak && !sask) throw new AppError('ION_CREDENTIALS_INTERACTIVE');
  if (!ti || !ci || !cs || !iu || !pu || !saak || !sask) {
    const missing = ION_KEYS.filter((key) => !values[key]).map(nameOf);
    throw new AppError(
      'ION_CREDENTIALS_INCOMPLETE',
      `The ION credentials come from the ${source} and lack ${missing.join(', ')}.`,
      { details: missing.map((field) => ({ field, message: 'is missing' })) },
    );
  }
  const api = gatewayUrl(iu, ti);
  // A file without `ot` was downloaded before other paths existed.
  const assumed = isFile && !isTokenUrl(pu) ? DEFAULT_TOKEN_PATH : undefined;
  const token = tokenUrl(pu, values.ot ?? assumed);
  // The tenant becomes a path segment, so nothing that could change the path is accepted.
  const isTenant = /^[A-Za-z0-9][\w.~-]*$/.test(ti);
  const isCut = isCutKey(saak, ti);
  if (!isTenant || isCut || 'problem' in api || 'problem' in token) {
    const details: ErrorDetail[] = [];
    const add = (key: IonKey, message: string) => details.push({ field: nameOf(key), message });
    if (!isTenant) add('ti', 'must be a tenant id such as ACME_PRD');
    if ('problem' in api) add('iu', api.problem);
    if ('problem' in token) add('pu', token.problem);
    if (isCut) add('saak', CUT_KEY);
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

const CUT_KEY =
  'is the tenant alone: an access key goes on after a #, at which a .env file cuts a value that stands in no quotes';

/** Access keys are `<tenant>#…`. */
function isCutKey(saak: string, tenant: string): boolean {
  return saak.replace(/^["']/, '').replace(/#$/, '').toLowerCase() === tenant.toLowerCase();
}

/**
 * A short stable hash of tenant and gateway host: the mark of where rows come from. The port
 * is left out, since a lake on this machine takes another one each time it starts.
 */
export function sourceId({ tenant, apiUrl }: Pick<IonCredentials, 'tenant' | 'apiUrl'>): string {
  const { hostname } = new URL(apiUrl);
  return createHash('sha256').update(`${tenant}\n${hostname}`).digest('hex').slice(0, 16);
}
