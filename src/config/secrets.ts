import { unquoted } from './unquoted.js';
import type { Environment } from './variables.js';
import { webhookSecretTexts } from './webhook-secrets.js';

const SECRET_VARIABLES = ['ION_CLIENT_SECRET', 'ION_SAAK', 'ION_SASK'] as const;
const TOKEN_VARIABLES = ['API_TOKEN', 'API_READ_TOKEN'] as const;
/** Options of a connection string: the passwords of a proxy and of a key's file, AWS' session token. */
const SECRET_OPTIONS = /(?:password|session_token)[=:]([^&,]+)/gi;

/** Every secret in the environment, so that they can be redacted. */
export function secretsOf(env: Environment): string[] {
  const values = SECRET_VARIABLES.map((name) => unquoted(env[name] ?? ''));
  const whole = env.ION_CREDENTIALS ?? '';
  const inFile = [...whole.matchAll(/"(?:cs|saak|sask)"\s*:\s*"((?:[^"\\]|\\.)*)"/g)];
  const login = /\/\/([^@]*(?:@[^/]*)?)@/.exec(env.MONGODB_URI ?? '')?.[1] ?? '';
  const [, password = ''] = login.split(/:(.*)/s);
  const ofWebhooks = webhookSecretTexts(env.ALERT_WEBHOOK_SECRET);
  const ofFile = inFile.map(([, value = '']) => value);
  const inOptions = [...(env.MONGODB_URI ?? '').matchAll(SECRET_OPTIONS)];
  const encoded = [password, ...inOptions.map(([, value = '']) => value)];
  const tokens = TOKEN_VARIABLES.flatMap((name) => tokenTexts(env[name]));
  const all = [...values, ...tokens, ...ofWebhooks, ...ofFile, ...encoded, ...encoded.map(decoded)];
  return all.filter((secret) => secret !== '');
}

/** Every text of a list of tokens, including tokens that are too short to be accepted. */
function tokenTexts(list: string | undefined): string[] {
  const entries = unquoted(list ?? '').split(',');
  return entries.flatMap((entry) => [entry.trim(), entry.trim().replace(/^[a-z][a-z0-9-]*:/, '')]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
