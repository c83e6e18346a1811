import type { Quotas } from '../faults/quotas.js';
import type { JobPlan } from '../jobs/job.js';
import type { IonApiFile, LakeSettings, QuotaKind } from '../types.js';
import type { AccessTokens } from './access-tokens.js';
import { type Answer, json, refusal } from './answer.js';
import type { Call } from './call.js';
import type { Compass } from './compass.js';
import type { Route } from './routes.js';
import { answerTokenRequest } from './token-endpoint.js';

export interface GatewayParts {
  readonly credentials: () => IonApiFile;
  readonly settings: () => LakeSettings;
  readonly tokens: AccessTokens;
  readonly compass: Compass;
  readonly quotas: Quotas;
}

/** Infor's side of a call: the authorisation server, or the gateway with Compass behind it. */
export async function answerCall(call: Call, parts: GatewayParts, plan: JobPlan): Promise<Answer> {
  const { route } = call;
  if (route === undefined) return refusal(404, `There is no ${call.path}.`);
  if (route.kind === 'token') {
    if (call.method !== route.method) return wrongMethod(route);
    return answerTokenRequest(call, parts.credentials(), parts.tokens, parts.settings());
  }
  const token = /^Bearer\s+(\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
  if (token === undefined || !parts.tokens.isValid(token)) {
    return refusal(401, 'The access token is missing, invalid or expired.', {
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
    });
  }
  if (call.method !== route.method) return wrongMethod(route);
  if (isMetered(route.kind) && !parts.quotas.admits(route.kind)) {
    return refusal(429, 'The quota of the tenant is used up for this minute.');
  }
  return answerCompass(call, route, parts.compass, plan);
}

function isMetered(kind: Route['kind']): kind is QuotaKind {
  return kind === 'submit' || kind === 'status' || kind === 'result' || kind === 'cancel';
}

function answerCompass(
  call: Call,
  route: Route,
  compass: Compass,
  plan: JobPlan,
): Answer | Promise<Answer> {
  switch (route.kind) {
    case 'ping':
      return json(200, { status: 'OK' });
    case 'submit':
      return compass.submit(call, plan);
    case 'status':
      return compass.status(call, route.argument);
    case 'result':
      return compass.result(call, route.argument);
    case 'cancel':
      return compass.cancel(route.argument);
    default:
      return refusal(404, `There is no ${call.path}.`);
  }
}

function wrongMethod(route: Route): Answer {
  return refusal(405, `Only ${route.method} is allowed.`, { headers: { Allow: route.method } });
}
