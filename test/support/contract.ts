import { z } from 'zod';
import { CONTRACTS } from '../../src/contract/contract.js';
import { commonErrors } from '../../src/contract/errors.js';
import type { OperationContract } from '../../src/contract/operation.js';
import { errorAnswer } from '../../src/contract/schemas/error.js';
import { problem, runError } from '../../src/contract/schemas/run-answer.js';
import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.js';
import type { Method } from '../../src/http/endpoint.js';

/** An answer, and what was asked. */
interface Answered {
  readonly name: string;
  readonly method: string;
  readonly status: number;
  readonly body: unknown;
  /** The Content-Type. */
  readonly type?: string | null;
}

const contracts = new Map(CONTRACTS.map((contract) => [contract.endpoint.name, contract]));

/**
 * Holds an answer to the contract of its endpoint: its status, and each of its fields.
 * @throws Error where the contract does not say so
 */
export function expectContract({ name, method, status, body, type }: Answered): void {
  const contract = contracts.get(name);
  if (!contract) throw new Error(`The contract has no endpoint ${name}.`);
  const operation = contract.operations[method as Method];
  const spec = contract.endpoint.methods[method as Method];
  const error = isProblem(body) ? problem : (operation?.error ?? errorAnswer);
  const schema = isError(body) ? error : answerOf(operation, status);
  const found = schema
    ? problemOf(schema, body)
    : `the contract has no answer with status ${status}`;
  if (found) throw new Error(`${method} ${name}, ${status}: ${found}\n${JSON.stringify(body)}`);
  const promised = operation?.answers[status]?.type;
  if (typeof body === 'string' && type !== promised) {
    throw new Error(`${method} ${name}, ${status}: the Content-Type is ${type}, not ${promised}.`);
  }
  if (!isError(body)) return;
  const known = spec
    ? [...commonErrors(spec), ...(operation?.errors ?? [])]
    : ['METHOD_NOT_ALLOWED'];
  if (!known.includes(body.code) || ERROR_CODES[body.code].status !== status) {
    throw new Error(`The contract of ${method} ${name} has no ${status} ${body.code}.`);
  }
}

/** Holds an error's answer to what any may have, that of a run included. @throws Error */
export function expectErrorAnswer(body: unknown): void {
  const found = problemOf(isProblem(body) ? problem : runError, body);
  if (found) throw new Error(`${found}\n${JSON.stringify(body)}`);
}

function isProblem(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'type' in body;
}

/** A failing check of deep health has a code as well, but no answer that succeeds. */
function isError(body: unknown): body is { readonly code: ErrorCode } {
  return typeof body === 'object' && body !== null && 'code' in body && 'requestId' in body;
}

function answerOf(operation: OperationContract | undefined, status: number): z.ZodType | undefined {
  return operation?.answers[status]?.body;
}

function problemOf(schema: z.ZodType, body: unknown): string | undefined {
  const { error } = schema.safeParse(body);
  return error && z.prettifyError(error);
}
