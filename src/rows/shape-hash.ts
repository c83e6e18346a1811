import { type KindSources, shapingColumns } from '../tables/column-kinds.js';
import { shortHash } from '../tables/registry.js';
import type { TableDefinition } from '../tables/table.js';
import { DECODER_VERSION } from './decoder.js';

/** The shape of a table's documents as a hash: it changes when a lake row would be stored differently. */
export function shapeHash(table: TableDefinition, kinds: KindSources = {}): string {
  const columns = shapingColumns(table, kinds);
  return shortHash({ version: DECODER_VERSION, key: table.key, columns });
}
