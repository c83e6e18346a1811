import type { SyncConfig } from '../models/sync-config.js';
import { CollectionStore } from './driver/collection-store.js';

/** What users set per table, and what runs leave for the next one: `syncconfigs`. */
export class ConfigStore extends CollectionStore<SyncConfig> {}
