import { randomUUID } from 'node:crypto';
import type { Context } from '@netlify/functions';
import type { Logger } from 'pino';
import { readSettings, type Settings } from '../config/environment.js';
import { type DeployFacts, whyIdle } from '../config/idle.js';
import { ownAddress } from '../config/own-address.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { createLogger, withLogFields } from '../log.js';
import { authenticate } from './authenticate.js';
import { corsHeaders, isFromOwnPage } from './cors.js';
import type { Answer, Endpoint, Method, MethodSpec } from './endpoint.js';
import { type Asked, errorResponse } from './error-answer.js';
import { countFailedAttempt } from './failed-attempts.js';
import { bodyText, parseBody, queryOf, validate, validateQuery } from './input.js';
import { JsonLines } from './json-lines.js';
import { TextBody } from './text-body.js';

type NetlifyFunction = (request: Request, context?: Context) => Promise<Response>;

/**
 * Makes a Netlify function of an endpoint: method, CORS, authentication, validation, error
 * answers, request id and log are the same for all of them.
 */
export function serve<Services>(
  endpoint: Endpoint<Services>,
  provide: () => Services | Promise<Services>,
): NetlifyFunction {
  return (request, context) => {
    const { requestId, platformId } = requestIds(request, context);
    const fields = { requestId, ...(platformId && { platformId }), function: endpoint.name };
    return withLogFields(fields, () =>
      answer(endpoint, provide, {
        ...{ request, requestId, deploy: context?.deploy },
        address: addressOf(request, context),
      }),
    );
  };
}

/** Headers of every answer: no caching, no content sniffing, no framing, no referrer. */
const FIXED_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

async function answer<Services>(
  endpoint: Endpoint<Services>,
  provide: () => Services | Promise<Services>,
  { request, requestId, address, deploy }: Omit<Incoming, 'settings' | 'log'>,
): Promise<Response> {
  const began = performance.now();
  let settings: Settings | undefined;
  let log = createLogger();
  let response: Response;
  try {
    settings = settingsFor(endpoint);
    log = createLogger(settings.logLevel);
    const incoming = { request, settings, log, requestId, address, deploy };
    response = await withLogFields({}, () => respond(endpoint, provide, incoming), log);
  } catch (thrown) {
    response = refusal(thrown, { request, requestId, address, log });
  }
  const headers = {
    ...corsHeaders(settings, request.headers.get('origin')),
    ...FIXED_HEADERS,
    'X-Request-Id': requestId,
  };
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  const ms = Math.round(performance.now() - began);
  log.info({ method: request.method, status: response.status, ms }, 'answered');
  return request.method === 'HEAD' ? new Response(null, response) : response;
}

/** @throws SETTING_INVALID, at once or when a token is required */
function settingsFor<Services>({ anySettings }: Endpoint<Services>): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (!anySettings) throw error;
    const fallback = readSettings({});
    return { ...fallback, unusable: toAppError(error) };
  }
}

interface Incoming {
  readonly request: Request;
  readonly settings: Settings;
  readonly log: Logger;
  readonly requestId: string;
  /** The client's. */
  readonly address: string | undefined;
  readonly deploy: DeployFacts | undefined;
}

/** How a caller can authenticate, for each 401: worker orders need a signature. */
const CHALLENGES: Partial<Readonly<Record<ErrorCode, string>>> = {
  NOT_AUTHORIZED: 'Bearer',
  SIGNATURE_INVALID: 'X-Sync-Signature',
};

function refusal(
  thrown: unknown,
  { request, requestId, address, log }: Pick<Incoming, 'request' | 'requestId' | 'address' | 'log'>,
): Response {
  const error = toAppError(thrown);
  const asked = { headers: request.headers, requestId, log: log.child({ address }) };
  const challenge = CHALLENGES[error.code];
  if (challenge === undefined) return errorResponse(error, asked);
  try {
    countFailedAttempt(address, Date.now());
  } catch (limited) {
    return errorResponse(toAppError(limited), asked);
  }
  const response = errorResponse(error, asked);
  response.headers.set('WWW-Authenticate', challenge);
  return response;
}

async function respond<Services>(
  endpoint: Endpoint<Services>,
  provide: () => Services | Promise<Services>,
  { request, settings, log, requestId, address, deploy }: Incoming,
): Promise<Response> {
  const { method } = request;
  if (method === 'OPTIONS') return new Response(null, { status: 204 });
  const name = method === 'HEAD' ? 'GET' : method;
  const spec = Object.hasOwn(endpoint.methods, name) && endpoint.methods[name as Method];
  if (!spec) {
    const asked = { headers: request.headers, requestId, log: log.child({ address }) };
    return methodNotAllowed(endpoint, asked);
  }

  const query = queryOf(request);
  const access = await accessOf(spec, query.values, request);
  if (access !== 'none' && settings.unusable) throw settings.unusable;
  const caller = authenticate(settings, request, access);
  if (settings.apiAuth === 'none') log.warn('API_AUTH=none: requests are not authenticated');
  const services = async () => provide();
  const mayBeBare = isFromOwnPage(settings, request);
  const text = spec.body && (await bodyText(request, { mayBeBare, most: spec.maxBodyBytes }));
  if (spec.admits && !(await spec.admits(text ?? '', request.headers, services))) {
    throw new AppError('SIGNATURE_INVALID');
  }
  const answer = await spec.handle({
    query: spec.query ? validateQuery(spec.query, query) : undefined,
    body: spec.body ? validate(spec.body, parseBody(text ?? '')) : undefined,
    services,
    settings,
    log: caller ? log.child({ caller: caller.name }) : log,
    requestId,
    caller,
    address,
    headers: request.headers,
    siteUrl: ownAddress(request.url, settings),
    idle: whyIdle(deploy, settings),
  });
  return answerResponse(answer, log);
}

function accessOf<Services>(
  spec: MethodSpec<Services>,
  query: Readonly<Record<string, string>>,
  request: Request,
) {
  return typeof spec.access === 'function' ? spec.access(query, request.clone()) : spec.access;
}

function answerResponse({ status = 200, body, headers = {} }: Answer, log: Logger): Response {
  if (body instanceof TextBody) return body.response(status, headers);
  if (!(body instanceof JsonLines)) return Response.json(body, { status, headers });
  return body.response(status, (error) => log.error({ err: error }, 'answer broken off'));
}

function methodNotAllowed<Services>(endpoint: Endpoint<Services>, asked: Asked): Response {
  const response = errorResponse(new AppError('METHOD_NOT_ALLOWED'), asked);
  const allowed = [...Object.keys(endpoint.methods), 'OPTIONS'];
  if (endpoint.methods.GET) allowed.unshift('HEAD');
  response.headers.set('Allow', allowed.join(', '));
  return response;
}

/** As the platform provides it: in its context, or in a header that it sets. */
function addressOf(request: Request, context: Context | undefined): string | undefined {
  const address = context?.ip || request.headers.get('x-nf-client-connection-ip');
  return address && /^[0-9a-f.:]{2,45}$/i.test(address) ? address : undefined;
}

interface RequestIds {
  /** The request id in answers, records and log lines. */
  readonly requestId: string;
  /** The platform's own id, if the caller sent another one. */
  readonly platformId?: string;
}

/** The caller's id lets callers find their requests; the platform's logs have the platform's. */
function requestIds(request: Request, context: Context | undefined): RequestIds {
  const given = request.headers.get('x-request-id') ?? '';
  const ofPlatform = context?.requestId ?? '';
  const platformId = /^[\w-]{8,80}$/.test(ofPlatform) ? ofPlatform : undefined;
  if (!/^[\w.-]{1,64}$/.test(given)) return { requestId: platformId ?? randomUUID() };
  return { requestId: given, ...(platformId && { platformId }) };
}
