import { mongo } from 'mongoose';
import { type RetryBudget, withRetry } from './retry.js';

const NAMESPACE_NOT_FOUND = 26;

/**
 * Renames a collection. Can be repeated: if an earlier attempt, whose answer was lost, has renamed
 * it, the collection is gone and its new name exists, which counts as success.
 * @throws AppError MONGODB_*
 */
export async function renameCollection<T extends mongo.Document>(
  collection: mongo.Collection<T>,
  name: string,
  { db, budget }: { readonly db: mongo.Db; readonly budget: RetryBudget },
): Promise<void> {
  const isThere = async () =>
    (await db.listCollections({ name }, { nameOnly: true }).toArray()).length > 0;
  let attempts = 0;
  await withRetry(async () => {
    attempts++;
    try {
      await collection.rename(name);
    } catch (error) {
      const isGone = error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND;
      if (!isGone || attempts === 1 || !(await isThere())) throw error;
    }
  }, budget);
}
