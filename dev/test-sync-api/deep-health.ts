import { Failure, failureOf } from './failure.js';
import type { Session } from './session.js';
import { type Check, deepHealth, promised } from './shapes.js';

/** Asks whether everything that the site needs is well; a check that is not fails. */
export async function readDeepHealth({ client, notes }: Session): Promise<string> {
  const reply = await client.call('health', { query: { deep: '1' } });
  const answer = deepHealth.safeParse(reply.body).data;
  // Failing checks come under 503, which other failures do, too.
  if (!answer || ![200, 503].includes(reply.status)) {
    if (reply.status !== 200) throw failureOf('health', reply);
    promised(deepHealth, reply);
    throw new Failure('The answer is not as promised');
  }
  const checks = Object.entries(answer.checks);
  const failing = checks.filter(([, check]) => !isWell(check));
  if (failing.length === 0 && reply.status === 200) {
    return `well: ${checks.map(([name]) => name).join(', ')}`;
  }
  for (const [name, check] of failing) notes.push(describe(name, check));
  throw new Failure(`Not well: ${failing.map(([name]) => name).join(', ') || answer.status}`);
}

function isWell({ ok, state }: Check): boolean {
  return ok ?? !['failing', 'failed', 'error', 'red'].includes(state ?? '');
}

/** What the check says of itself, and the tables that it names. */
function describe(name: string, { ok: _, ms: __, code, message, remedy, ...facts }: Check): string {
  const tables = Object.values(facts).flatMap((value) => tablesIn(value));
  const named = tables.length > 0 ? ` (${[...new Set(tables)].join(', ')})` : '';
  // A message says its remedy already.
  const words = [code, message ?? remedy].filter((word) => word);
  return `${name}${named}: ${words.join(': ')}`;
}

function tablesIn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) =>
    typeof item === 'object' && item !== null && 'tableId' in item ? [String(item.tableId)] : [],
  );
}
