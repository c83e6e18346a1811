import type { ConfigurableKind } from '../tables/column-kinds.js';

/** How a column of the lake's object differs from what earlier runs found there. */
export interface ColumnDrift {
  /** In capitals. */
  column: string;
  change: 'appeared' | 'disappeared' | 'kind_changed';
  /** Of a changed kind. */
  from?: ConfigurableKind;
  to?: ConfigurableKind;
  /** The end of the run that found it first. */
  firstSeenAt: Date;
}
