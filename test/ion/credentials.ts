import type { IonCredentials } from '../../src/config/ion-credentials.js';
import { AppError } from '../../src/errors/app-error.js';

export const SECRETS = {
  clientSecret: 'cs+hush/1 =&"',
  accessKey: 'T1#saak-hush-2',
  secretKey: 'sask-hush-3',
} as const;

/** Credentials for a scripted server, with secrets that are easy to find in a text. */
export function credentialsFor(url: string): IonCredentials {
  return {
    tenant: 'T1',
    clientId: 'T1~client',
    ...SECRETS,
    apiUrl: url,
    tokenUrl: `${url}/T1/as/token.oauth2`,
    source: 'environment',
  };
}

/** The AppError that a promise is rejected with; what it shows and keeps holds no secret. */
export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error('no AppError was thrown', { cause: error });
  const { message, details, cause } = error;
  const text = JSON.stringify([message, details, inspectable(cause)]);
  if (/hush|Bearer [^[]|Basic [^[]/.test(text)) throw new Error(`a secret escaped: ${text}`);
  return error;
}

/** Everything that an error carries, own and nested: what a log might print. */
function inspectable(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { ...value, message: value.message, stack: value.stack, cause: inspectable(value.cause) };
}
