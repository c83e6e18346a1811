import type { SyncReject } from '../models/sync-reject.js';
import { CollectionStore } from './driver/collection-store.js';

/** Rows that could not be stored, or not all of them: `syncrejects`. */
export class RejectStore extends CollectionStore<SyncReject> {}
