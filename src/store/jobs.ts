import type { SyncJob } from '../models/sync-job.js';
import { CollectionStore } from './driver/collection-store.js';

/** The runs: `syncjobs`. */
export class JobStore extends CollectionStore<SyncJob> {}
