import { Schema } from 'mongoose';
import type { Revised } from './revision.js';

/**
 * Settings of the whole site that are changed while it runs. The document with the key `SITE` has those
 * that have been changed since settings have revisions, by their keys in `value`; earlier ones have a
 * document each. The webhook's URL among them is a secret.
 */
export interface Setting extends Revised {
  key: string;
  value: unknown;
  description: string;
}

/** No setting has this key. */
export const SITE = '(site)';

export const settingSchema = new Schema<Setting>(
  {
    key: { type: String, required: true },
    value: Schema.Types.Mixed,
    description: { type: String, default: '' },
    revision: { type: Number, min: 1 },
    changeId: Schema.Types.ObjectId,
  },
  { collection: 'settings', timestamps: true, minimize: false, versionKey: false },
);
settingSchema.index({ key: 1 }, { unique: true, name: 'one_value_a_setting' });
