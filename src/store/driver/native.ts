import type { Model, mongo } from 'mongoose';

/**
 * The driver's collection under a model. The cast is safe: Mongoose's collection only adds
 * buffering, which is off, and delegates every call to the driver's own object.
 */
export function native<T extends mongo.Document>(model: Model<T>): mongo.Collection<T> {
  return model.collection as unknown as mongo.Collection<T>;
}
