import type { Environment } from './environment.js';
import { unquoted } from './unquoted.js';
import { webhookSecretTexts } from './webhook-secrets.js';

const SECRET_VARIABLES = [
  'API_TOKEN',
  'API_READ_TOKEN',
  'ION_CLIENT_SECRET',
  'ION_SAAK',
  'ION_SASK',
] as const;

/** Every secret that the environment holds, so that no text shows one. */
export function secretsOf(env: Environment): string[] {
  const values = SECRET_VARIABLES.map((name) => unquoted(env[name] ?? ''));
  const whole = env.ION_CREDENTIALS ?? '';
  const inFile = [...whole.matchAll(/"(?:cs|saak|sask)"\s*:\s*"((?:[^"\\]|\\.)*)"/g)];
  const login = /\/\/([^@]*(?:@[^/]*)?)@/.exec(env.MONGODB_URI ?? '')?.[1] ?? '';
  const [, password = ''] = login.split(/:(.*)/s);
  const ofWebhooks = webhookSecretTexts(env.ALERT_WEBHOOK_SECRET);
  const ofFile = inFile.map(([, value = '']) => value);
  return [...values, ...ofWebhooks, ...ofFile, password, decoded(password)].filter(
    (secret) => secret !== '',
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
