import type { mongo } from 'mongoose';
import { revisionOf } from '../models/revision.js';
import { type Setting, SITE } from '../models/setting.js';
import { CollectionStore } from './driver/collection-store.js';
import { isDuplicateKey } from './driver/mongo-error.js';
import { RevisionChange, revisionChanged } from './driver/revision.js';

/** Values by key, as they are stored; an earlier version may have stored values of any type. */
export interface StoredSettings {
  readonly values: Readonly<Record<string, unknown>>;
  readonly revision: number;
}

/**
 * Settings of the whole site: `settings`. Changes are pipelines on one document, so that several
 * values change together, and only at an expected revision. Every operation throws AppError MONGODB_*.
 */
export class SettingStore extends CollectionStore<Setting> {
  /** The stored values of these keys; keys without one are left out. */
  async read(keys: readonly string[]): Promise<StoredSettings> {
    const wanted = { key: { $in: [SITE, ...keys] } };
    const found = await this.run(() => this.collection.find(wanted).toArray());
    const site = found.find(({ key }) => key === SITE);
    const single = found.filter(({ key }) => key !== SITE).map(({ key, value }) => [key, value]);
    return {
      values: { ...Object.fromEntries(single), ...valuesOf(site) },
      revision: revisionOf(site),
    };
  }

  /**
   * Changes values.
   * @param expected the revisions that the settings may have; undefined: any
   * @returns all values in the site's document, which has every change made with a revision, and
   *   the new revision
   * @throws AppError REVISION_CHANGED
   */
  async change(
    values: Readonly<Record<string, unknown>>,
    expected?: readonly number[],
  ): Promise<StoredSettings> {
    const change = new RevisionChange(expected);
    const site = await this.run(async () => {
      const changed = await this.#update(change, values);
      if (changed) return changed;
      if (change.allowsFirst) await this.#create();
      const second = await this.#update(change, values);
      if (second) return second;
      const present = await this.collection.findOne({ key: SITE });
      const own = change.resolve(present);
      if (!own) throw revisionChanged(present);
      return own;
    });
    return { values: valuesOf(site), revision: revisionOf(site) };
  }

  /** Creates the site's document, without values, if it does not exist. */
  async #create(): Promise<void> {
    const now = new Date();
    const empty = {
      value: {},
      description: 'Settings of the site',
      createdAt: now,
      updatedAt: now,
    };
    const once = { $setOnInsert: empty };
    await this.collection.updateOne({ key: SITE }, once, { upsert: true }).catch((error) => {
      if (!isDuplicateKey(error)) throw error;
    });
  }

  #update(
    { filter, stage }: RevisionChange,
    values: Readonly<Record<string, unknown>>,
  ): Promise<mongo.WithId<Setting> | null> {
    const literals = Object.entries(values).map(([key, value]) => [
      `value.${key}`,
      { $literal: value },
    ]);
    const set = { ...Object.fromEntries(literals), updatedAt: '$$NOW' };
    return this.collection.findOneAndUpdate({ key: SITE, ...filter }, [{ $set: set }, stage], {
      returnDocument: 'after',
    });
  }
}

function valuesOf(site: Setting | undefined): Readonly<Record<string, unknown>> {
  const { value } = site ?? {};
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : {};
}
