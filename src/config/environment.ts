import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { keepSecret } from '../security/outside-text.js';
import { type ApiToken, type IgnoredToken, tokenList, tokensOf } from './api-tokens.js';
import { isLoopback } from './loopback.js';
import { mongodbUriOf } from './mongodb-uri.js';
import type { OwnAddresses } from './own-address.js';
import { secretsOf } from './secrets.js';
import type { Environment } from './variables.js';
import { type WebhookSecrets, webhookSecretsOf } from './webhook-secrets.js';

/** The only place that reads the process's environment. */
export const processEnvironment: Environment = process.env;

export interface Settings extends OwnAddresses {
  /**
   * The database's connection string; checked when it is read, so that `health` answers
   * on a site where nothing is set yet.
   * @throws AppError MONGODB_URI_MISSING, MONGODB_URI_INVALID
   */
  mongodbUri(): string;
  /** Bearer tokens: those with full access first, then those that may only GET. */
  readonly apiTokens: readonly ApiToken[];
  /** Tokens that are set but not accepted. */
  readonly ignoredTokens: readonly IgnoredToken[];
  /** `none`: the site is protected by other means, and requests carry no token. */
  readonly apiAuth: 'token' | 'none';
  /** Origins for CORS as browsers send them, or `*`. */
  readonly allowedOrigins: readonly string[];
  readonly logLevel: LogLevel | undefined;
  /** Scheduled work and workers also on deploys that are not the published one. */
  readonly workOnPreviews: boolean;
  /** ALERT_WEBHOOK_SECRET if it is set: a mistake in it is not an error of the whole site. */
  readonly webhookSecrets?: WebhookSecrets;
  /** The error of `readSettings`, if these are not the settings of the environment. */
  readonly unusable?: AppError;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const choice = <const T extends readonly string[]>(values: T) =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(values, { error: `must be one of ${values.join(', ')}` }))
    .optional();

const origins = z
  .string()
  .default('')
  .transform((list, context) => list.split(',').flatMap((entry) => originOf(entry, context)));

const flag = z
  .string()
  .default('')
  .transform((value) => ['true', '1', 'yes', 'on'].includes(value.toLowerCase()));

const address = z
  .url({ error: 'must be the address of the site' })
  .transform((url) => url.replace(/\/+$/, ''))
  .optional();

const schema = z
  .object({
    API_TOKEN: tokenList,
    API_READ_TOKEN: tokenList,
    API_AUTH: choice(['token', 'none']),
    ALLOWED_ORIGINS: origins,
    NETLIFY_DEV: flag,
    NETLIFY_LOCAL: flag,
    LOG_LEVEL: choice(LOG_LEVELS),
    WORK_ON_PREVIEWS: flag,
    URL: address,
    // Set by the platform if they are known; a value that is not an address is ignored.
    DEPLOY_URL: address.catch(undefined),
    DEPLOY_PRIME_URL: address.catch(undefined),
    SITE_NAME: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .optional()
      .catch(undefined),
  })
  .transform((env) => {
    const isDeployed = !env.NETLIFY_DEV && !env.NETLIFY_LOCAL && isPublic(env.URL);
    const write = tokensOf(env.API_TOKEN, 'API_TOKEN', isDeployed);
    const read = tokensOf(env.API_READ_TOKEN, 'API_READ_TOKEN', isDeployed);
    return { ...env, write, read };
  })
  .refine(({ write, read }) => !read.tokens.some((one) => hasValue(write.tokens, one)), {
    path: ['API_READ_TOKEN'],
    error: 'must differ from API_TOKEN, else who may read may write',
  });

function isPublic(siteUrl: string | undefined): boolean {
  return siteUrl !== undefined && !isLoopback(new URL(siteUrl).hostname);
}

function hasValue(tokens: readonly ApiToken[], { value }: ApiToken): boolean {
  return tokens.some((token) => token.value === value);
}

/**
 * The settings that the environment states; a blank variable counts as unset.
 * @throws AppError SETTING_INVALID, its details naming each wrong variable (never its value)
 */
export function readSettings(env: Environment = processEnvironment): Settings {
  const parsed = schema.safeParse(withoutBlanks(env));
  if (!parsed.success) {
    const details = parsed.error.issues.map(({ path, message }) => ({
      field: path.join('.'),
      message,
    }));
    const names = [...new Set(details.map(({ field }) => field))].join(', ');
    throw new AppError('SETTING_INVALID', `This cannot be used: ${names}.`, { details });
  }
  const { data } = parsed;
  const apiTokens = [...data.write.tokens, ...data.read.tokens];
  keepSecret(...secretsOf(env), ...apiTokens.map(({ value }) => value));
  const webhookSecrets = webhookSecretsOf(env.ALERT_WEBHOOK_SECRET);
  return {
    mongodbUri: () => mongodbUriOf(env.MONGODB_URI),
    apiTokens,
    ignoredTokens: [...data.write.ignored, ...data.read.ignored],
    apiAuth: data.API_AUTH ?? 'token',
    allowedOrigins: data.ALLOWED_ORIGINS,
    local: data.NETLIFY_DEV || data.NETLIFY_LOCAL,
    logLevel: data.LOG_LEVEL,
    workOnPreviews: data.WORK_ON_PREVIEWS,
    ...(webhookSecrets && { webhookSecrets }),
    siteUrl: data.URL,
    deployUrls: [data.DEPLOY_URL, data.DEPLOY_PRIME_URL].filter((url) => url !== undefined),
    siteName: data.SITE_NAME,
  };
}

/** The variables that are set, trimmed: pasted values often end in a line break. */
function withoutBlanks(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const trimmed = value?.trim();
      return trimmed ? [[name, trimmed]] : [];
    }),
  );
}

/** One entry of the list as a browser sends it: `https://Site.example/` is `https://site.example`. */
function originOf(entry: string, context: z.RefinementCtx): string[] {
  const text = entry.trim();
  if (text === '' || text === '*') return text === '' ? [] : [text];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return [url.origin];
  context.addIssue({
    code: 'custom',
    message: 'must be a comma-separated list of origins such as https://app.example.com',
  });
  return [];
}
