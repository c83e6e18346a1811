import type { Answer } from '../http/answer.js';
import type { WireColumn } from '../store/wire.js';
import type { Fault } from './fault.js';

/** The body of a FINISHED status. */
type Body = Record<string, unknown> & { columns?: readonly WireColumn[] };

/**
 * What the faults make of the FINISHED answer of a status.
 * @param found how many rows the query found.
 */
export function withStatusFaults(answer: Answer, faults: readonly Fault[], found: number): Answer {
  if (faults.length === 0) return answer;
  // The lake wrote this body itself.
  let body: Body = JSON.parse(answer.body.toString());
  for (const fault of faults) {
    if (fault.kind === 'columns') body = withColumns(body, fault);
    if (fault.kind === 'statusTotal') {
      body = { ...body, [fault.word ?? 'rowCount']: fault.rows ?? found };
    }
  }
  return { ...answer, body: JSON.stringify(body) };
}

function withColumns(body: Body, { hide = [], show = [], columns }: Fault): Body {
  const { columns: listed = [], ...rest } = body;
  if (columns === 'missing') return rest;
  if (columns === 'empty') return { ...rest, columns: [] };
  const hidden = new Set(hide.map((name) => name.toLowerCase()));
  return {
    ...rest,
    columns: [
      ...listed.filter(({ name }) => !hidden.has(name.toLowerCase())),
      ...show.map((name) => ({ name, datatype: 'String' })),
    ],
  };
}
