import { readSettings } from '../config/environment.js';
import { whyIdle } from '../config/idle.js';
import { toAppError } from '../errors/app-error.js';
import { createLogger } from '../log.js';
import { createDefault } from './init-sync-config.js';
import type { Services } from './services.js';

/** What the platform's event says of the deploy. */
interface SucceededDeploy {
  readonly id: string;
  readonly context: string;
  readonly publishedAt: string | null;
}

/** An event's function ends after 60 s. */
const LIMIT_MS = 50_000;

/**
 * After a production deploy that is published: creates missing indexes, and the default
 * configurations where there is none at all, since one that is missing among others was deleted.
 * A failure is logged and fails nothing: starts create the indexes that correctness depends on.
 */
export async function prepareDatabase(
  { id, context, publishedAt }: SucceededDeploy,
  { store, tables, clock, ensureIndexes }: Services,
): Promise<void> {
  const settings = readSettings();
  const log = createLogger(settings.logLevel).child({ function: 'deploy-succeeded', deploy: id });
  // The event may come before `publishedAt` is set; only production deploys are published.
  const published = context === 'production' || publishedAt !== null;
  const idle = whyIdle({ context, published }, settings);
  if (idle !== undefined) {
    log.info({ reason: idle }, 'nothing prepared');
    return;
  }
  try {
    const deadline = clock.now() + LIMIT_MS;
    const indexes = await ensureIndexes({ clock, deadline });
    const opened = await store({ deadline });
    const existing = await opened.configs.list();
    if (existing.length === 0) for (const table of tables.all) await createDefault(opened, table);
    const configs = existing.length === 0 ? tables.all.length : 0;
    log.info({ indexes: indexes.length, configs }, 'database prepared');
  } catch (error) {
    log.error({ err: toAppError(error) }, 'the database could not be prepared');
  }
}
