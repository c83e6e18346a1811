import type { Model } from 'mongoose';

/**
 * Options of writes through Mongoose: what an update sets is cast and validated by the schema. A
 * field that the schema lacks is an error rather than silently left out, and times are set only
 * where an operation names them.
 */
export const VALIDATED = { runValidators: true, timestamps: false, strict: 'throw' } as const;

/**
 * What is to be inserted, validated by the schema and with its defaults. The given values stay as
 * they are: Mongoose leaves names such as `constructor` out of an object whose fields it doesn't know.
 * @throws ValidationError, StrictModeError of Mongoose
 */
export async function withDefaults<T extends object>(
  model: Model<T>,
  given: Partial<T>,
): Promise<Partial<T>> {
  const document = new model(given);
  await document.validate();
  const { _id, ...fields } = document.toObject();
  return { ...fields, ...given };
}
