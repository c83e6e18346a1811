/**
 * Options of writes through Mongoose: what an update sets is cast and validated by the schema. A
 * field that the schema lacks is an error rather than silently left out, and times are set only
 * where an operation names them.
 */
export const VALIDATED = { runValidators: true, timestamps: false, strict: 'throw' } as const;
