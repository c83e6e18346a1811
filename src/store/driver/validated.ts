import type { Model } from 'mongoose';

/**
 * Options of writes through Mongoose: the schema casts and validates the values that an update sets.
 * A field that the schema lacks is an error rather than silently left out, and timestamps are set
 * only if the operation sets them.
 */
export const VALIDATED = { runValidators: true, timestamps: false, strict: 'throw' } as const;

/**
 * The fields to insert, validated by the schema and with its defaults. Given values are kept
 * unchanged: Mongoose leaves names such as `constructor` out of an object whose fields it doesn't know.
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
