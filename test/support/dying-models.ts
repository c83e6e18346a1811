import type { Model } from 'mongoose';
import type { Models } from '../../src/models/index.js';

const ONE_CALL = [
  'findOne',
  'findOneAndUpdate',
  'updateOne',
  'updateMany',
  'bulkWrite',
  'insertOne',
  'replaceOne',
  'deleteOne',
];
const CURSORS = ['find', 'aggregate'];

/** The models as a process sees them that dies when it has called MongoDB so many times. */
export function dyingAfter(models: Models, calls: number): { models: Models; died: () => boolean } {
  let left = calls;
  const isDead = () => left-- <= 0;
  const killed = () => Promise.reject(new Error('killed'));

  const dyingCollection = <T extends object>(collection: T): T =>
    new Proxy(collection, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        const bound = value.bind(target);
        if (ONE_CALL.includes(String(name))) {
          return (...args: unknown[]) => (isDead() ? killed() : bound(...args));
        }
        if (CURSORS.includes(String(name))) {
          return (...args: unknown[]) => (isDead() ? { toArray: killed } : bound(...args));
        }
        return bound;
      },
    });
  const dyingModel = <T>(model: Model<T>): Model<T> =>
    new Proxy(model, {
      get: (target, name) =>
        name === 'collection' ? dyingCollection(target.collection) : Reflect.get(target, name),
    });

  const dying = new Proxy(models, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name === 'rows') return (tableId: string) => dyingModel(models.rows(tableId));
      return typeof value === 'function' && 'collection' in value ? dyingModel(value) : value;
    },
  });
  return { models: dying, died: () => left < 0 };
}
