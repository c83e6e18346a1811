import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { IonCredentials } from '../config/ion-credentials.js';
import { AppError } from '../errors/app-error.js';
import { excerpt } from '../security/outside-text.js';
import { answerError } from './answer-error.js';
import { parsedBody } from './body-text.js';
import type { Http, HttpAnswer } from './http.js';
import { basicOf, keepCredentials } from './keep-credentials.js';
import type { StoredToken } from './stored-token.js';

interface TokenRequestOptions {
  readonly credentials: IonCredentials;
  readonly http: Http;
  readonly clock: Clock;
}

const TIMEOUT_MS = 30_000;

// Infor's default life of a token. If the guess is too long, the gateway's 401 corrects it.
const DEFAULT_LIFE_SECONDS = 7200;

const issued = z.object({
  // Only what can stand in a header.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().positive().catch(DEFAULT_LIFE_SECONDS),
});
const refusal = z.object({
  error: z.string().optional(),
  error_description: z.string().optional(),
});

/**
 * Makes the call that gets a token for the service account (`grant_type=password`). The client
 * names itself by HTTP Basic; if the server does not know it that way, once more within the
 * form: both are in use at Infor. What worked is what the next call begins with.
 */
export function createTokenRequest({
  credentials,
  http,
  clock,
}: TokenRequestOptions): () => Promise<StoredToken> {
  const { host } = new URL(credentials.tokenUrl);
  let inForm = false;

  return async () => {
    const issuedAt = clock.now();
    keepCredentials(credentials);
    let answer = await http(requestOf(credentials, inForm));
    if (clientUnknown(answer)) {
      const other = await http(requestOf(credentials, !inForm));
      if (other.status === 200) {
        inForm = !inForm;
        answer = other;
      }
    }
    if (answer.status !== 200) {
      throw [400, 401, 403].includes(answer.status)
        ? authRefused(answer)
        : answerError(answer, { host, now: clock.now(), text: excerpt(answer.body) });
    }
    const { success, data } = issued.safeParse(parsedBody(answer.body));
    if (!success) throw new AppError('LAKE_BAD_ANSWER', `${host} answered without a token.`);
    return {
      token: data.access_token,
      issuedAt,
      expiresAt: issuedAt + data.expires_in * 1000,
    };
  };
}

function requestOf(credentials: IonCredentials, inForm: boolean) {
  const { clientId, clientSecret, accessKey, secretKey, tokenUrl } = credentials;
  const form = new URLSearchParams({
    grant_type: 'password',
    username: accessKey,
    password: secretKey,
    ...(inForm && { client_id: clientId, client_secret: clientSecret }),
  });
  return {
    method: 'POST',
    url: tokenUrl,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(!inForm && { authorization: `Basic ${basicOf(credentials)}` }),
    },
    body: form.toString(),
    timeoutMs: TIMEOUT_MS,
  } as const;
}

/** RFC 6749 5.2: `invalid_client`, by status 401 or 400; some servers send a bare 401. */
function clientUnknown({ status, body }: HttpAnswer): boolean {
  const { data } = refusal.safeParse(parsedBody(body));
  return data?.error === 'invalid_client' || (status === 401 && data?.error === undefined);
}

function authRefused({ status, body }: HttpAnswer): AppError {
  const { data } = refusal.safeParse(parsedBody(body));
  const reason = [data?.error, data?.error_description].filter(Boolean).join(': ');
  return new AppError('ION_AUTH_REFUSED', undefined, {
    details: [{ message: excerpt(reason || body) || 'The answer has no text.', status }],
  });
}
