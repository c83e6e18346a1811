import pino, { type Logger } from 'pino';
import { AppError } from './errors/app-error.js';

/** JSON lines on stdout, where Netlify collects them. */
export function createLogger(level = 'info'): Logger {
  return pino({ level, base: null, serializers: { err: describeError } });
}

/**
 * An error for the log: what it is and where it came from, but no stack, and no foreign
 * message, which may quote a connection string or a token.
 */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  if (!(error instanceof AppError)) return { name: error.name, where: firstFrame(error) };
  const { code, message, details, cause } = error;
  return { code, message, details, ...(cause !== undefined && { cause: describeError(cause) }) };
}

function firstFrame(error: Error): string | undefined {
  return /\n\s+at (.+)/.exec(error.stack ?? '')?.[1];
}
