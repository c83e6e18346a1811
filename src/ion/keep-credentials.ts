import type { IonCredentials } from '../config/ion-credentials.js';
import { keepSecret } from '../security/outside-text.js';

/**
 * Names the secrets of the credentials before each request: an answer may quote them, also where a
 * stored token spares the request for one.
 */
export function keepCredentials(credentials: IonCredentials): void {
  const { clientSecret, accessKey, secretKey } = credentials;
  keepSecret(clientSecret, accessKey, secretKey, basicOf(credentials));
}

/** The client's credentials as HTTP Basic has them. */
export function basicOf({ clientId, clientSecret }: IonCredentials): string {
  return Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
}
