import { AppError } from '../errors/app-error.js';
import { AnsweredError } from '../http/answered-error.js';
import { PAUSED_BY_REQUEST, type SyncConfig } from '../models/sync-config.js';
import type { Store } from '../store/store.js';
import type { Finding } from './health-check.js';

/** Why no run of the table can be started, each cause with its sentence and since when. */
export function refusalsView({ refusals = {} }: Pick<SyncConfig, 'refusals'>) {
  return Object.values(refusals).map(({ historyId, source: _, ...refusal }) => ({
    ...refusal,
    historyId: String(historyId),
  }));
}

/**
 * The check of deep health: whether a run of each table on the schedule can be started. A table
 * that somebody has disabled or paused is not meant to run.
 * @param source names tenant and gateway; undefined: not known
 * @throws START_REFUSED, listing tables and causes
 */
export async function startCheck({ configs }: Store, source: string | undefined): Promise<Finding> {
  const found = await configs.listRefused(PAUSED_BY_REQUEST);
  const refused = found.flatMap(({ tableId, tableName, refusals }) =>
    refusalsView({ refusals: ofThisSite(refusals, source) }).map((refusal) => ({
      tableId,
      tableName,
      ...refusal,
    })),
  );
  if (refused.length === 0) {
    return { sentence: 'Runs of all tables on the schedule can be started.', facts: { refused } };
  }
  throw new AnsweredError(new AppError('START_REFUSED'), { refused });
}

/** That another tenant's site has to leave the table alone is as it should be. */
export function ofThisSite(
  refusals: SyncConfig['refusals'] = {},
  source: string | undefined,
): NonNullable<SyncConfig['refusals']> {
  return Object.fromEntries(
    Object.entries(refusals).filter(
      ([code, refusal]) =>
        code !== 'SOURCE_CHANGED' || source === undefined || refusal.source === source,
    ),
  );
}
