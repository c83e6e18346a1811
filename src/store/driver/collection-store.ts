import type { Model, mongo } from 'mongoose';
import { native } from './native.js';
import { type RetryBudget, withRetry } from './retry.js';

/** Access to one collection: what its operations have in common. */
export abstract class CollectionStore<T extends mongo.Document> {
  /** Validates and casts what is written through it. */
  protected readonly model: Model<T>;
  /** The driver's own collection, for what Mongoose would only slow down. */
  protected readonly collection: mongo.Collection<T>;
  protected readonly budget: RetryBudget;

  constructor(model: Model<T>, budget: RetryBudget) {
    this.model = model;
    this.collection = native(model);
    this.budget = budget;
  }

  /**
   * Runs an operation that can be repeated, again after transient failures.
   * @throws AppError MONGODB_*; OUT_OF_TIME where the budget's deadline came first
   */
  protected run<R>(operation: () => Promise<R>): Promise<R> {
    return withRetry(operation, this.budget);
  }
}
