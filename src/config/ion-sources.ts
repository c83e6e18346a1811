import { AppError, type ErrorDetail } from '../errors/app-error.js';
import {
  ION_KEYS,
  type IonKey,
  type IonValues,
  parseIonapi,
  readIonapiFile,
  tokenPath,
} from './ionapi-file.js';
import { unquoted } from './unquoted.js';
import type { Environment } from './variables.js';

/** The variable that stands for each key of an .ionapi file. */
const VARIABLES = {
  ti: 'ION_TENANT',
  ci: 'ION_CLIENT_ID',
  cs: 'ION_CLIENT_SECRET',
  iu: 'ION_API_URL',
  pu: 'ION_SSO_URL',
  saak: 'ION_SAAK',
  sask: 'ION_SASK',
  ot: 'ION_TOKEN_PATH',
} as const satisfies Record<IonKey | 'ot', string>;

/** The variable that holds a whole .ionapi file as its JSON. */
const WHOLE = 'ION_CREDENTIALS';

/** Where the values come from, and how each is named there. */
export interface IonSource {
  readonly values: IonValues;
  readonly source: 'environment' | 'file';
  nameOf(key: IonKey | 'ot'): string;
}

/**
 * The credentials as their source states them: the seven variables if any of them is set,
 * otherwise the file; ION_CREDENTIALS replaces the file. ION_TOKEN_PATH can be combined with each.
 * Variables may add what ION_CREDENTIALS lacks, but must not contradict it.
 * @throws AppError ION_CREDENTIALS_MISSING, _MALFORMED, _CONFLICTING
 */
export function readIonSource(env: Environment, file: string): IonSource {
  const variables = variablesOf(env);
  const whole = unquotedJson(env[WHOLE]);
  if (whole !== undefined) {
    const nameOf = (key: string) => `${WHOLE}.${key}`;
    const values = parseIonapi(whole, { what: WHOLE, nameOf });
    refuseConflicts(variables, values, nameOf);
    return { values: { ...defined(values), ...variables }, source: 'environment', nameOf };
  }
  if (ION_KEYS.some((key) => variables[key] !== undefined)) {
    return { values: variables, source: 'environment', nameOf: (key) => VARIABLES[key] };
  }
  const values = readIonapiFile(file);
  refuseConflicts(variables, values, (key) => `${key} of the file`);
  return { values: { ...defined(values), ...variables }, source: 'file', nameOf: (key) => key };
}

function variablesOf(env: Environment): IonValues {
  const { ot: name } = VARIABLES;
  const path = tokenPath.safeParse(env[name]);
  if (!path.success) {
    const details = path.error.issues.map(({ message }) => ({ field: name, message }));
    throw new AppError('ION_CREDENTIALS_MALFORMED', `This has a wrong form: ${name}.`, { details });
  }
  const values = ION_KEYS.map((key) => [key, unquoted(env[VARIABLES[key]] ?? '') || undefined]);
  return defined({ ...Object.fromEntries(values), ot: path.data });
}

/** A value in single quotes; JSON itself begins with a brace. */
function unquotedJson(value: string | undefined): string | undefined {
  const text = unquoted(value ?? '');
  return text === '' ? undefined : text;
}

function refuseConflicts(
  variables: IonValues,
  stated: IonValues,
  nameOf: (key: IonKey | 'ot') => string,
): void {
  const keys = [...ION_KEYS, 'ot'] as const;
  const conflicts = keys.filter(
    (key) => variables[key] && stated[key] && variables[key] !== stated[key],
  );
  if (conflicts.length === 0) return;
  const names = conflicts.map((key) => `${VARIABLES[key]} and ${nameOf(key)}`).join(', ');
  const details: ErrorDetail[] = conflicts.map((key) => ({
    field: VARIABLES[key],
    message: `says something else than ${nameOf(key)}`,
  }));
  throw new AppError('ION_CREDENTIALS_CONFLICTING', `These contradict each other: ${names}.`, {
    details,
  });
}

function defined(values: IonValues): IonValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
