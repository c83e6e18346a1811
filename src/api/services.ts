import type { FindTarget } from '../alerts/target.js';
import type { Clock } from '../clock.js';
import type { MethodSpec } from '../http/endpoint.js';
import type { RetryBudget, Store } from '../store/store.js';
import type { Lake, SyncContext } from '../sync/context.js';
import type { SendOrder } from '../sync/dispatch.js';
import type { TableRegistry } from '../tables/registry.js';

/** What the composition root gives to the handlers. */
export interface Services {
  readonly tables: TableRegistry;
  readonly clock: Clock;
  /** Where a webhook's URL leads, or why none may be sent there. */
  readonly findWebhook: FindTarget;
  /**
   * @param budget of its operations; by default each is repeated for 15 s
   * @throws MONGODB_*
   */
  store(budget?: Partial<RetryBudget>): Promise<Store>;
  /** Creates every missing index of the backend. @returns their names. @throws MONGODB_* */
  ensureIndexes(budget: RetryBudget): Promise<string[]>;
  /** @throws ION_CREDENTIALS_* */
  lake(): Promise<Lake>;
  /**
   * Database and lake, ready for a run.
   * @param options.withoutLake credentials that can't be used are no obstacle
   * @param options.connectUntil epoch milliseconds until which connecting to MongoDB is tried again;
   *   by default it is tried once
   * @throws MONGODB_*, ION_CREDENTIALS_*
   */
  sync(options?: {
    readonly withoutLake?: boolean;
    readonly connectUntil?: number;
  }): Promise<SyncContext>;
  /**
   * How the functions at this address are told to go on with a job.
   * @param idle why workers do nothing on this deploy: every order is then refused
   */
  sender(siteUrl: string | undefined, idle?: string): SendOrder;
  /** Whether this text, an order's body, was signed by this backend. @throws ION_CREDENTIALS_* */
  isOurs(text: string, signature: string): boolean;
}

/** Keeps the types of query and body between a method's schemas and its handler. */
export function method<Query, Body>(
  spec: MethodSpec<Services, Query, Body>,
): MethodSpec<Services, Query, Body> {
  return spec;
}
