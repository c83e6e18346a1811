import { z } from 'zod';

/** A time in an answer. */
export const time = z.iso.datetime({ precision: 3 });

export const id = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .meta({ examples: ['6b0586098f126685f5d11cf7'] });

/** Of rows, documents or other things. */
export const count = z.int().min(0);

export const tableId = z.string().meta({ examples: ['taskdetail'] });

/** 16 or more hexadecimal digits. */
export const hash = z.string().regex(/^[0-9a-f]+$/);

/** Whatever JSON there may be. */
export const anything = z.record(z.string(), z.unknown());

/** Seconds and milliseconds of the same duration; both or neither. */
export const duration = {
  duration: z.number().min(0).optional().describe('Seconds, with fractions'),
  durationMs: z.number().min(0).optional().describe('Milliseconds'),
};
