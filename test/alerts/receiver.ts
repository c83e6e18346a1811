import { webcrypto } from 'node:crypto';
import { afterAll, expect } from 'vitest';
import type { AlertEvent } from '../../src/models/alert.js';
import { type ScriptedServer, type SeenRequest, scriptedServer } from '../ion/scripted-server.js';
import type { Backend } from '../support/backend.js';

/** What a local runtime sets: only there may webhooks go to this machine. */
export const LOCAL = { NETLIFY_LOCAL: 'true' };

/** An alert as it arrives. */
export interface Received {
  readonly event: AlertEvent | 'recovered';
  readonly tableId: string;
  readonly tableName: string;
  readonly message: string;
  readonly at: string;
  readonly jobId?: string;
  readonly historyId?: string;
  readonly error?: { code: string; message: string; details: unknown[] };
  readonly details?: Record<string, unknown>;
}

export interface Receiver extends ScriptedServer {
  /** The webhook's address; its path is as secret as a chat's webhook is. */
  readonly webhook: string;
  received(): Received[];
  /** `event` of each, with what a `recovered` is about. */
  events(): string[];
}

/** A real HTTP server that takes alerts, set as the webhook of a backend with LOCAL settings. */
export async function startReceiver(backend: Backend): Promise<Receiver> {
  const server = await scriptedServer();
  afterAll(() => server.close());
  server.respond = () => ({ status: 204 });
  const receiver: Receiver = Object.assign(server, {
    webhook: `${server.url}/hook/secret-path`,
    received: () => server.seen.map(({ body }): Received => JSON.parse(body)),
    events: () =>
      receiver
        .received()
        .map(({ event, details }) => (details?.from ? `${event}: ${details.from}` : event)),
  });
  await setSetting(backend, 'alertWebhookUrl', receiver.webhook);
  return receiver;
}

export async function setSetting({ call }: Backend, key: string, value: unknown): Promise<void> {
  const { status, body } = await call('sync-settings', { method: 'PUT', body: { key, value } });
  expect({ status, body }).toMatchObject({ status: 200 });
}

/** As a receiver in a browser or at an edge would check it, without the backend's own means. */
export async function isSigned({ body, headers }: SeenRequest, token: string): Promise<boolean> {
  const given = /^sha256=([0-9a-f]{64})$/.exec(String(headers['x-sync-signature']))?.[1];
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const bytes = new TextEncoder();
  const key = await webcrypto.subtle.importKey('raw', bytes.encode(token), hmac, false, ['verify']);
  const signature = Buffer.from(given ?? '', 'hex');
  return webcrypto.subtle.verify('HMAC', key, signature, bytes.encode(body));
}
