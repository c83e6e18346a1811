import type { SyncHistory } from '../models/sync-history.js';
import { CollectionStore } from './driver/collection-store.js';

/** One entry per run: `synchistories`. */
export class HistoryStore extends CollectionStore<SyncHistory> {}
