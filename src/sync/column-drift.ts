import type { ColumnDrift } from '../models/column-drift.js';
import type { SyncConfig, SyncConfigState } from '../models/sync-config.js';
import type { SyncJob } from '../models/sync-job.js';
import { mergeListed } from '../tables/column-kinds.js';
import { foldedName } from '../tables/column-name.js';

/** The most columns that a report lists; the latest changes stay. */
const MOST = 200;

type Known = Pick<SyncConfig, 'lakeObject' | 'lakeKinds' | 'drift'>;
type Found = Pick<SyncJob, 'lakeObject' | 'lakeKinds'>;

export interface DriftFound {
  /** Changes since the run before. */
  readonly news: readonly ColumnDrift[];
  readonly set: Pick<SyncConfigState, 'drift' | 'lakeKinds'>;
}

/**
 * Compares what a run found of the lake object's columns with what the configuration knows of them.
 * Pure. Where either has no list there is nothing to compare; the first list is no drift.
 */
export function driftOf(known: Known, found: Found, now: Date): DriftFound {
  const news = [...columnChanges(known, found, now), ...kindChanges(known, found, now)];
  const renewed = new Set(news.map(({ column }) => column));
  const kept = (known.drift ?? []).filter(({ column }) => !renewed.has(column));
  const lakeKinds = mergeListed(known.lakeKinds, found.lakeKinds);
  return {
    news,
    set: {
      ...(news.length > 0 && { drift: [...news, ...kept].slice(0, MOST) }),
      ...(lakeKinds.length > 0 && { lakeKinds }),
    },
  };
}

function columnChanges(known: Known, found: Found, firstSeenAt: Date): ColumnDrift[] {
  if (!known.lakeObject?.columns.length || !found.lakeObject?.columns.length) return [];
  const before = new Set(known.lakeObject.columns.map(foldedName));
  const after = new Set(found.lakeObject.columns.map(foldedName));
  const appeared = [...after].filter((column) => !before.has(column));
  const disappeared = [...before].filter((column) => !after.has(column));
  return [
    ...appeared.map((column) => ({ column, change: 'appeared' as const, firstSeenAt })),
    ...disappeared.map((column) => ({ column, change: 'disappeared' as const, firstSeenAt })),
  ];
}

function kindChanges(known: Known, found: Found, firstSeenAt: Date): ColumnDrift[] {
  const before = new Map((known.lakeKinds ?? []).map(({ column, kind }) => [column, kind]));
  return (found.lakeKinds ?? []).flatMap(({ column, kind: to }) => {
    const from = before.get(column);
    const isSame = from === undefined || from === to;
    return isSame ? [] : [{ column, change: 'kind_changed' as const, from, to, firstSeenAt }];
  });
}
