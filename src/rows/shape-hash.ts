import { type KindSources, shapingColumns } from '../tables/column-kinds.js';
import { shortHash } from '../tables/registry.js';
import type { TableDefinition } from '../tables/table.js';
import { DECODER_VERSION } from './decoder.js';

/** Changes when the same lake row would become another document. */
export function shapeHash(table: TableDefinition, kinds: KindSources = {}): string {
  const columns = shapingColumns(table, kinds);
  return shortHash({ version: DECODER_VERSION, key: table.key, columns });
}
