import type { Logger } from 'pino';
import type { Settings } from '../config/environment.js';
import type { ErrorCode } from '../errors/codes.js';
import type { Store } from '../store/store.js';
import type { Lake } from '../sync/context.js';
import { type Check, type CheckState, check, type Finding, type Limits } from './health-check.js';
import { indexCheck, readCheck, writeCheck } from './health-database.js';
import { gatewayCheck, queryCheck, tokenCheck } from './health-lake.js';
import {
  accessCheck,
  addressCheck,
  heartbeatCheck,
  scheduleCheck,
  webhookCheck,
} from './health-site.js';
import { freshnessCheck, overdueCheck, warehouseCheck } from './health-tables.js';
import { startCheck } from './refused-starts.js';
import type { Services } from './services.js';

/** For each check; a caller's own monitor gives up after ten seconds or more. */
const LIMIT_MS = 5_000;
/** A query takes Compass seconds, and must have ended before its minute is over. */
const QUERY_LIMIT_MS = 8_000;

export interface DeepHealth {
  /** The worst of the checks. */
  readonly state: CheckState;
  readonly checks: Readonly<Record<string, Check>>;
}

interface About {
  readonly log: Logger;
  readonly siteUrl: string | undefined;
  readonly settings: Pick<Settings, 'ignoredTokens' | 'webhookSecrets'>;
}

/**
 * A preflight: everything that a sync needs, asked side by side, each within its own time. What
 * hangs or fails is the answer of its own check and holds up no other.
 */
export async function deepHealth(
  services: Services,
  { log, siteUrl, settings }: About,
): Promise<DeepHealth> {
  const { clock, tables } = services;
  const ask = (late: ErrorCode, run: (limits: Limits) => Promise<Finding>) =>
    check({ clock, log }, { limitMs: LIMIT_MS, late: () => late, run });
  const ofStore = (run: (store: Store, limits: Limits) => Promise<Finding>) =>
    ask('MONGODB_UNREACHABLE', async (limits) => run(await services.store(limits), limits));
  const ofLake = (run: (lake: Lake, limits: Limits) => Promise<Finding>) =>
    ask('LAKE_TIMEOUT', async (limits) => run(await services.lake(), limits));
  const query = () => {
    let late: ErrorCode = 'MONGODB_UNREACHABLE';
    const onAsking = () => {
      late = 'LAKE_TIMEOUT';
    };
    const run = async (limits: Limits) => {
      const [table] = tables.all;
      const about = { lake: await services.lake(), object: table?.object ?? '', onAsking };
      return queryCheck(await services.store(limits), about, limits);
    };
    return check({ clock, log }, { limitMs: QUERY_LIMIT_MS, late: () => late, run });
  };

  const asked: Readonly<Record<string, Promise<Check>>> = {
    mongodb: ofStore(readCheck),
    write: ofStore(writeCheck),
    indexes: ofStore(indexCheck),
    token: ofLake(tokenCheck),
    lake: ofLake(gatewayCheck),
    query: query(),
    warehouses: ofStore((store) => warehouseCheck(store, tables)),
    address: ofStore((store, limits) => addressCheck(store, siteUrl, limits)),
    schedule: ofStore(scheduleCheck),
    access: ask('INTERNAL', async () => accessCheck(settings)),
    webhook: ofStore((store) => {
      const { findWebhook } = services;
      return webhookCheck(store, { findWebhook, settings });
    }),
    heartbeat: ofStore((store) => heartbeatCheck(store, services.findWebhook)),
    overdue: ofStore(overdueCheck),
    starts: ofStore(async (store) => {
      const lake = await services.lake().catch(() => undefined);
      return startCheck(store, lake?.sourceHash);
    }),
    freshness: ofStore(freshnessCheck),
  };
  const names = Object.keys(asked);
  const results = await Promise.all(Object.values(asked));
  const checks = Object.fromEntries(results.map((result, index) => [names[index], result]));
  return { state: worst(results), checks };
}

function worst(checks: readonly Check[]): CheckState {
  const states = new Set(checks.map(({ state }) => state));
  if (states.has('failing')) return 'failing';
  return states.has('warning') ? 'warning' : 'ok';
}
