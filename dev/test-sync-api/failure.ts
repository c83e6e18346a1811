import { z } from 'zod';
import type { ErrorCode } from '../../src/errors/codes.js';
import type { ApiReply } from './api-reply.js';

interface FailureOptions {
  /** What the reader can do. */
  readonly remedy?: string | undefined;
  /** Every other call would fail the same way. */
  readonly final?: boolean;
}

/** Why a call did not give what it should; the message is for the reader of a terminal. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly remedy: string | undefined;
  readonly final: boolean;

  constructor(message: string, { remedy, final = false }: FailureOptions = {}) {
    super(message);
    this.remedy = remedy;
    this.final = final;
  }
}

/** The deployment has no such function. */
export class MissingFunction extends Failure {
  override readonly name = 'MissingFunction';
}

const errorAnswer = z.object({
  error: z.string(),
  code: z.string(),
  details: z
    .array(z.looseObject({ field: z.string().optional(), message: z.string() }))
    .default([]),
});

/** What stands in the way of the one call stands in the way of all. */
const FINAL_CODES = new Set<string>([
  'NOT_AUTHORIZED',
  'API_TOKEN_UNSET',
  'SETTING_INVALID',
  'MONGODB_URI_MISSING',
  'MONGODB_URI_INVALID',
  'MONGODB_UNREACHABLE',
  'MONGODB_AUTH_REFUSED',
] satisfies ErrorCode[]);

/** The code of an error answer of this backend. */
export function codeOf({ body }: ApiReply): string | undefined {
  return errorAnswer.safeParse(body).data?.code;
}

/** What an answer says that is not what was asked for. */
export function failureOf(name: string, reply: ApiReply): Failure {
  const { status, text } = reply;
  const answer = errorAnswer.safeParse(reply.body).data;
  if (answer) return coded(status, answer);
  if (status === 404) return new MissingFunction(`HTTP 404: there is no function ${name}`);
  const shown = text
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .trim()
    .slice(0, 200);
  return new Failure(`HTTP ${status}, not from this backend: ${shown || 'no text'}`, {
    remedy: remedyFor(status),
    final: status === 401,
  });
}

function coded(status: number, { error, code, details }: z.infer<typeof errorAnswer>): Failure {
  const facts = details.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  return new Failure([`HTTP ${status} ${code}: ${error}`, ...facts].join(' · '), {
    remedy: remedyOf(code),
    final: FINAL_CODES.has(code),
  });
}

function remedyOf(code: string): string | undefined {
  const isToken = code === 'NOT_AUTHORIZED';
  return isToken ? "Give the site's API_TOKEN: by --token, or as API_TOKEN." : undefined;
}

function remedyFor(status: number): string | undefined {
  if (status === 401) return 'The site itself asks for a password: its protection is on.';
  if (status === 502 || status === 504) return "The function broke off; look into the site's log.";
  return undefined;
}
