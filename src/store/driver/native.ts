import type { Model, mongo } from 'mongoose';

/**
 * The driver's collection under a model. Mongoose wraps it for buffering, which is off;
 * what it delegates to is the driver's own object.
 */
export function native<T extends mongo.Document>(model: Model<T>): mongo.Collection<T> {
  return model.collection as unknown as mongo.Collection<T>;
}
