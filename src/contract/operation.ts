import type { z } from 'zod';
import type { Services } from '../api/services.js';
import type { ErrorCode } from '../errors/codes.js';
import type { Access, Endpoint, Method } from '../http/endpoint.js';

/** A successful answer: also 503 of deep health, which has a body of its own. */
export interface AnswerContract {
  readonly description: string;
  /** Closed: a field that it does not name is a mistake. It is published open, since answers may grow. */
  readonly body: z.ZodType;
  /** Of one line, where the answer can also be had as `application/x-ndjson`. */
  readonly line?: z.ZodType;
  /** The Content-Type, where the body is a text of another type than JSON. */
  readonly type?: string;
}

export interface OperationContract {
  readonly summary: string;
  readonly description?: string;
  /** Who may call it, where that depends on the request. */
  readonly access?: readonly Access[];
  /** The answer is one document with a revision, which is its `ETag`; `expected`: `If-Match` may name it. */
  readonly revision?: 'shown' | 'expected';
  /** A request may carry an `Idempotency-Key`. */
  readonly idempotent?: true;
  readonly answers: Readonly<Record<number, AnswerContract>>;
  /** What it can fail with, besides what every operation can. */
  readonly errors?: readonly ErrorCode[];
  /** Where an error's answer has more fields than the others. */
  readonly error?: z.ZodType;
  /** Published instead of the method's own schema, where that one says less than is checked. */
  readonly requestBody?: z.ZodType;
}

/** What one endpoint promises: an operation for each of its methods. */
export interface EndpointContract {
  readonly endpoint: Endpoint<Services>;
  readonly operations: Partial<Readonly<Record<Method, OperationContract>>>;
}
