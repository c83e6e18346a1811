import type { Model, mongo } from 'mongoose';
import { native } from './native.js';
import { type RetryBudget, withRetry } from './retry.js';

/** The base of all stores: access to one collection, with retries. */
export abstract class CollectionStore<T extends mongo.Document> {
  /** Validates and casts documents written through it. */
  protected readonly model: Model<T>;
  /** The driver's own collection, for operations that Mongoose would only slow down. */
  protected readonly collection: mongo.Collection<T>;
  protected readonly budget: RetryBudget;

  constructor(model: Model<T>, budget: RetryBudget) {
    this.model = model;
    this.collection = native(model);
    this.budget = budget;
  }

  /**
   * Runs an idempotent operation, and retries it after transient failures.
   * @throws AppError MONGODB_*; OUT_OF_TIME if the budget's deadline came first
   */
  protected run<R>(operation: () => Promise<R>): Promise<R> {
    return withRetry(operation, this.budget);
  }
}
