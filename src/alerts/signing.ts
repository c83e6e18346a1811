import { createHmac } from 'node:crypto';
import type { AppError } from '../errors/app-error.js';

/** How messages show whose they are. */
export type Signing =
  /** By the Standard Webhooks scheme, once for each key. */
  | { readonly scheme: 'standard-webhooks'; readonly keys: readonly Uint8Array[] }
  /** By the first API token, in the header X-Sync-Signature; `key` is undefined without one. */
  | { readonly scheme: 'api-token'; readonly key: string | undefined }
  /** ALERT_WEBHOOK_SECRET can't be used: then nothing is sent. */
  | { readonly scheme: 'unusable'; readonly problem: AppError };

interface Signed {
  /** The same for each attempt of one message. */
  readonly id: string;
  /** The exact text that is sent. */
  readonly body: string;
  /** Of this attempt, in epoch milliseconds. */
  readonly sentAt: number;
}

/** The headers that a message is sent with besides its content type. */
export function signatureHeaders(
  signing: Exclude<Signing, { scheme: 'unusable' }>,
  { id, body, sentAt }: Signed,
): Record<string, string> {
  if (signing.scheme === 'api-token') {
    const { key } = signing;
    if (key === undefined) return {};
    return { 'X-Sync-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` };
  }
  const timestamp = String(Math.floor(sentAt / 1000));
  const text = `${id}.${timestamp}.${body}`;
  const signatures = signing.keys.map(
    (key) => `v1,${createHmac('sha256', key).update(text).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
