import type { RowDocument } from '../models/row.js';
import { CollectionStore } from './driver/collection-store.js';

/** The rows of one table. */
export class RowStore extends CollectionStore<RowDocument> {}
