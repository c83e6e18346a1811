import type { Logger } from 'pino';
import { type Alerts, createAlerts } from './alerts/alerts.js';
import { createPost } from './alerts/post.js';
import type { Signing } from './alerts/signing.js';
import { createFindTarget, type Resolve, systemResolve } from './alerts/target.js';
import type { Services } from './api/services.js';
import { readSiteSettings } from './api/site-settings.js';
import { createSender } from './api/worker-orders.js';
import { type Clock, systemClock } from './clock.js';
import { processEnvironment, readSettings, type Settings } from './config/environment.js';
import { readIonCredentials, sourceId } from './config/ion-credentials.js';
import type { Environment } from './config/variables.js';
import { createCompass } from './datafabric/compass.js';
import { Quota } from './datafabric/quota.js';
import { quotaRules } from './datafabric/quota-rules.js';
import { createQuotaStore } from './datafabric/quota-store.js';
import { EMPTY_PAGE_PAUSE_MS } from './datafabric/result-pages.js';
import type { RetryPolicy } from './errors/retry.js';
import { createGateway } from './ion/gateway.js';
import { createHttp } from './ion/http.js';
import { createSharedState } from './ion/shared-state.js';
import { createTokenSource } from './ion/token-source.js';
import { createTokenStore } from './ion/token-store.js';
import { createLogger } from './log.js';
import type { Models } from './models/index.js';
import { createSigner } from './security/signature.js';
import { createDatabase } from './store/connection.js';
import { ensureAllIndexes } from './store/indexes.js';
import { createStore, type RetryBudget, type Store } from './store/store.js';
import { type Lake, LEASE_MS, SIZES, type Sizes } from './sync/context.js';
import { createRegistry, TABLES } from './tables/registry.js';
import type { TableDefinition } from './tables/table.js';

/** About a minute of waiting in all: longer than a gateway's hiccup, shorter than a function. */
const LAKE_POLICY: RetryPolicy = { attempts: 7, baseMs: 500, capMs: 20_000 };

export interface App extends Services {
  /** The models on the live connection. @throws MONGODB_* */
  models(): Promise<Models>;
  close(): Promise<void>;
}

interface AppOptions {
  readonly tables?: readonly TableDefinition[];
  readonly lakePolicy?: RetryPolicy;
  readonly leaseMs?: number;
  readonly sizes?: Sizes;
  readonly emptyPagePauseMs?: number;
  /** So long after its start the lake may not know a query yet. */
  readonly youngQueryMs?: number;
  readonly clock?: Clock;
  /** Where runs are logged; by default on stdout. */
  readonly log?: Logger;
  /** The length of the minute by which the lake counts calls, in milliseconds. */
  readonly quotaMinuteMs?: number;
  /** How host names of webhooks are looked up; by default as the system does. */
  readonly resolve?: Resolve;
}

/**
 * The composition root: everything that touches network, database, clock or settings is made
 * here. Nothing is opened before it is used, and then it is kept.
 */
export function createApp(env: Environment, options: AppOptions = {}): App {
  const { tables = TABLES, lakePolicy = LAKE_POLICY, leaseMs = LEASE_MS, sizes = SIZES } = options;
  const { clock = systemClock, emptyPagePauseMs = EMPTY_PAGE_PAUSE_MS } = options;
  const settings = readSettings(env);
  const registry = createRegistry(tables);
  const log = options.log ?? createLogger(settings.logLevel);
  const http = createHttp();
  const { resolve = systemResolve } = options;
  const findWebhook = createFindTarget({ local: settings.local, resolve });
  let database: ReturnType<typeof createDatabase> | undefined;
  let lake: Lake | undefined;
  const signer = () => createSigner(readIonCredentials(env).clientSecret, 'worker orders');

  const models = async (budget?: RetryBudget) => {
    database ??= createDatabase(settings.mongodbUri(), tables);
    return database.models(budget);
  };

  const store = async (budget?: Partial<RetryBudget>) =>
    createStore(await models(), { clock, ...budget });

  const connectedLake = async () => {
    lake ??= connectLake();
    return lake;
  };

  function connectLake(): Lake {
    const credentials = readIonCredentials(env);
    const sourceHash = sourceId(credentials);
    const shared = createSharedState({ store, clock });
    const kept = createTokenStore({ credentials, shared, clock });
    const tokens = createTokenSource({ credentials, http, clock, store: kept });
    const gateway = createGateway({ credentials, tokens, http, clock, policy: lakePolicy });
    const quota = new Quota({
      store: createQuotaStore(shared, sourceHash),
      clock,
      rules: quotaRules(options.quotaMinuteMs),
      onPause: (pauseMs) =>
        log.warn({ pauseMs }, 'the quota of the lake is used up: all calls pause'),
    });
    const { youngQueryMs: youngMs } = options;
    const limits = { emptyPagePauseMs, youngMs };
    const compass = createCompass({ gateway, clock, quota, ...limits });
    return { compass, sourceHash, token: (allowed) => tokens.get(allowed) };
  }

  function alertsOver(opened: Store): Alerts {
    return createAlerts({
      store: opened,
      clock,
      log,
      post: createPost(findWebhook),
      signing: signingOf(settings),
      settings: () => readSiteSettings(opened),
    });
  }

  return {
    tables: registry,
    clock,
    models,
    store,
    async ensureIndexes(budget) {
      const tableIds = tables.map(({ tableId }) => tableId);
      return ensureAllIndexes(await models(budget), tableIds, budget);
    },
    lake: connectedLake,
    findWebhook,
    async sync({ withoutLake = false, connectUntil } = {}) {
      const reached = withoutLake ? connectedLake().catch(absentLake) : connectedLake();
      const ready = await reached;
      const opened = await models(
        connectUntil === undefined ? undefined : { clock, deadline: connectUntil },
      );
      const store = createStore(opened, { clock, deadline: Number.POSITIVE_INFINITY });
      const limits = { leaseMs, sizes, emptyPagePauseMs };
      const alerts = alertsOver(createStore(opened, { clock }));
      return { lake: ready, ...limits, store, tables: registry, clock, alerts, log };
    },
    sender: (siteUrl, idle) => createSender({ http, clock, signer }, siteUrl, idle),
    isOurs: (text, signature) => signer().verify(text, signature),
    async close() {
      await database?.close();
    },
  };
}

function signingOf({ webhookSecrets, apiTokens }: Settings): Signing {
  if (!webhookSecrets) {
    return { scheme: 'api-token', key: apiTokens.find(({ may }) => may === 'write')?.value };
  }
  const { keys, problem } = webhookSecrets;
  if (problem && keys.length === 0) return { scheme: 'unusable', problem };
  return { scheme: 'standard-webhooks', keys };
}

/** For what can be done without: each use of it is the failure to connect. */
function absentLake(error: unknown): Lake {
  return {
    get compass(): never {
      throw error;
    },
    sourceHash: '',
    token: () => Promise.reject(error),
  };
}

const KEPT_SETTINGS =
  /^(ION_|NETLIFY_DEV$|NETLIFY_LOCAL$|(MONGODB_URI|API_TOKEN|ALERT_WEBHOOK_SECRET|LOG_LEVEL)$)/;

let current: { readonly key: string; readonly app: App } | undefined;

/**
 * The app of this process, made once: warm calls find connection and token as the last one
 * left them. A long-lived local runtime may change its settings; then it is made again.
 */
export function app(env: Environment = processEnvironment): App {
  const key = JSON.stringify(Object.entries(env).filter(([name]) => KEPT_SETTINGS.test(name)));
  if (current?.key !== key) {
    void current?.app.close();
    current = { key, app: createApp(env) };
  }
  return current.app;
}
