import type { Types } from 'mongoose';
import type { z } from 'zod';

/** What a value is in an answer, which is JSON: a field without a value is left out. */
export type Json<T> = T extends Date | Types.ObjectId
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Key in keyof T]?: Json<T[Key]> | undefined }
      : T;

/**
 * A schema for each field of a view or a stored record: `satisfies Shape<T>` does not compile where
 * a field is missing or is none of T's, or where a schema admits a value that T has not.
 */
export type Shape<T> = {
  readonly [Key in keyof T]-?: z.ZodType<Json<T[Key]> | undefined>;
};
