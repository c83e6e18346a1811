import type { IonApiFile, LakeSettings } from '../types.js';
import type { AccessTokens } from './access-tokens.js';
import { type Answer, json } from './answer.js';
import { type Call, mediaType } from './call.js';

type ClientAuth = 'basic' | 'body';

/** Answers a token request as RFC 6749 says. */
export function answerTokenRequest(
  call: Call,
  credentials: IonApiFile,
  tokens: AccessTokens,
  settings: LakeSettings,
): Answer {
  if (mediaType(call) !== 'application/x-www-form-urlencoded') {
    return oauthError(400, 'invalid_request', 'The body must be form-encoded.');
  }
  const form = new URLSearchParams(call.body);
  const client = clientOf(call, form);
  if (client === undefined || client.id !== credentials.ci || client.secret !== credentials.cs) {
    return oauthError(401, 'invalid_client', 'The client is unknown.', client?.by);
  }
  const refused = checkGrant(form, credentials, tokens);
  if (refused) return oauthError(400, refused.error, refused.description, client.by);
  const body = {
    access_token: tokens.issue(settings.tokenLifetimeSeconds),
    ...(settings.refreshTokens ? { refresh_token: tokens.issueRefresh() } : {}),
    token_type: 'Bearer',
    expires_in: settings.tokenLifetimeSeconds,
  };
  return json(200, body, {
    headers: { 'Cache-Control': 'no-store' },
    log: { clientAuth: client.by },
  });
}

function checkGrant(form: URLSearchParams, credentials: IonApiFile, tokens: AccessTokens) {
  switch (form.get('grant_type')) {
    case 'password':
      return form.get('username') === credentials.saak && form.get('password') === credentials.sask
        ? undefined
        : { error: 'invalid_grant', description: 'Unknown service account or wrong key.' };
    case 'refresh_token':
      return tokens.knowsRefresh(form.get('refresh_token') ?? '')
        ? undefined
        : { error: 'invalid_grant', description: 'The refresh token is unknown.' };
    case null:
      return { error: 'invalid_request', description: 'grant_type is missing.' };
    default:
      return { error: 'unsupported_grant_type', description: 'Only password and refresh_token.' };
  }
}

function clientOf(call: Call, form: URLSearchParams) {
  const basic = /^Basic\s+(\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const pair = Buffer.from(basic, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    if (colon === -1) return undefined;
    const by: ClientAuth = 'basic';
    return { id: decoded(pair.slice(0, colon)), secret: decoded(pair.slice(colon + 1)), by };
  }
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  if (id === null || secret === null) return undefined;
  const by: ClientAuth = 'body';
  return { id, secret, by };
}

/** RFC 6749 form-encodes both parts; most clients don't, and these values survive either way. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function oauthError(
  status: number,
  error: string,
  description: string,
  clientAuth?: ClientAuth,
): Answer {
  const headers: Record<string, string> = { 'Cache-Control': 'no-store' };
  if (status === 401) headers['WWW-Authenticate'] = 'Basic realm="lake"';
  const log = clientAuth ? { clientAuth } : {};
  return json(status, { error, error_description: description }, { headers, log });
}
