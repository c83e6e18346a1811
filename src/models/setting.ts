import { Schema } from 'mongoose';

/** A setting of the whole site that is changed while it runs. The webhook's URL among them is a secret. */
export interface Setting {
  key: string;
  value: unknown;
  description: string;
}

export const settingSchema = new Schema<Setting>(
  {
    key: { type: String, required: true },
    value: Schema.Types.Mixed,
    description: { type: String, default: '' },
  },
  { collection: 'settings', timestamps: true, minimize: false, versionKey: false },
);
settingSchema.index({ key: 1 }, { unique: true, name: 'one_value_a_setting' });
