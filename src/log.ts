import { AsyncLocalStorage } from 'node:async_hooks';
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { AppError } from './errors/app-error.js';
import { withoutSecrets } from './security/outside-text.js';

type Fields = Readonly<Record<string, unknown>>;

/** Of a foreign error's message. */
const LONGEST = 500;
/** Causes of causes that a line names. */
const DEEPEST = 5;

interface Current {
  readonly fields: Fields;
  readonly log: Logger | undefined;
}

const current = new AsyncLocalStorage<Current>();

/**
 * Runs an action whose lines in the log all carry these fields, whichever logger writes them and
 * however deep: the request's id, the job's and its table. Inner fields come on top of outer ones.
 * @param log what `currentLog` is within the action; the surrounding one's if left out
 */
export function withLogFields<T>(fields: Fields, action: () => T, log?: Logger): T {
  const outer = current.getStore();
  return current.run({ fields: { ...outer?.fields, ...fields }, log: log ?? outer?.log }, action);
}

/** The log of the request or slice that is under way, for what is too deep to be handed one. */
export function currentLog(): Logger | undefined {
  return current.getStore()?.log;
}

/** JSON lines on stdout, where Netlify collects them, or to another destination. */
export function createLogger(level = 'info', destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    // A copy: pino adds the line's own fields to it.
    mixin: () => ({ ...current.getStore()?.fields }),
    serializers: { err: (error: unknown) => describeError(error, DEEPEST) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/**
 * An error for the log: what it is, what it says and where it came from, but no stack. Messages of
 * others may quote a connection string or a token, which is blotted out.
 */
function describeError(error: unknown, depth: number): Fields {
  const said = (text: string) => withoutSecrets(text, LONGEST);
  if (!(error instanceof Error)) return { name: typeof error, message: said(String(error)) };
  const { message, cause } = error;
  const inner = cause !== undefined && depth > 1 && describeError(cause, depth - 1);
  if (error instanceof AppError) {
    const { code, details } = error;
    return { code, message, details, ...(inner && { cause: inner }) };
  }
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    message: said(message),
    where: firstFrame(error),
    ...(inner && { cause: inner }),
  };
}

function firstFrame(error: Error): string | undefined {
  return /\n\s+at (.+)/.exec(error.stack ?? '')?.[1];
}
