import type { mongo } from 'mongoose';
import type { Lake } from '../lake/index.js';
import type { LocalBackend } from '../serve/index.js';
import { type ApiClient, createClient } from '../test-sync-api/client.js';
import { expectAnswer } from '../test-sync-api/expect-answer.js';
import { Failure, failureOf } from '../test-sync-api/failure.js';
import { followJob } from '../test-sync-api/follow.js';
import { promised, reasonOf, startAnswer } from '../test-sync-api/shapes.js';

type Fields = Readonly<Record<string, unknown>>;

/** What the parts of the story work with. */
export interface Scene {
  readonly lake: Lake;
  readonly db: mongo.Db;
  readonly call: ApiClient['call'];
  /** A run to its end. @throws Failure where it fails */
  sync(tableId: string, options?: Fields): Promise<void>;
  /** Changes a configuration. @throws Failure */
  configure(tableId: string, settings: Fields): Promise<void>;
}

const FOLLOW = { pollMs: 300, limitMs: 600_000, onProgress: () => {} };

export function sceneOf({ url, token, stopped, lake, db }: LocalBackend): Scene {
  const client = createClient({ url, token, signal: stopped });
  return {
    lake,
    db,
    call: client.call,
    async sync(tableId, options = {}) {
      const reply = await client.call('sync-table', { body: { tableId, ...options } });
      if (reply.status === 200) return;
      if (reply.status !== 202) throw failureOf('sync-table', reply);
      const { jobId } = promised(startAnswer, reply);
      const { job } = await followJob(client, { jobId, tableId }, FOLLOW);
      if (job.status === 'failed') throw new Failure(`${tableId}: ${reasonOf(job)}`);
    },
    async configure(tableId, settings) {
      await expectAnswer(client, 'sync-config', { method: 'PUT', body: { tableId, ...settings } });
    },
  };
}
