import type { Jobs } from '../jobs/jobs.js';
import type { LakeCall } from '../types.js';
import type { Call } from './call.js';

/** What a call is about; undefined for a control and for a path that the lake doesn't have. */
export function describeCall({ route, body, query }: Call, jobs: Jobs): LakeCall | undefined {
  if (route === undefined || route.kind === 'control') return undefined;
  const { kind, argument: queryId } = route;
  switch (kind) {
    case 'token':
    case 'ping':
      return { kind };
    case 'submit':
      return { kind, sql: body };
    default: {
      const sql = jobs.statementOf(queryId);
      const page = kind === 'result' ? pageOf(query) : {};
      return { kind, queryId, ...(sql === undefined ? {} : { sql }), ...page };
    }
  }
}

function pageOf(query: URLSearchParams): Pick<LakeCall, 'offset' | 'limit'> {
  const asked = (['offset', 'limit'] as const).map((name) => [name, query.get(name)] as const);
  return Object.fromEntries(
    asked.filter(([, text]) => text !== null).map(([name, text]) => [name, Number(text)]),
  );
}
