import { z } from 'zod';
import type { Screen } from '../test-sync-api/screen.js';
import { number } from './number.js';

const count = z.number();

/** A certificate, as `GET sync-reconcile` answers it. */
type Certificate = z.infer<typeof certificate>;
export const certificate = z.looseObject({
  jobId: z.string(),
  tableId: z.string(),
  asOf: z.string(),
  ceiling: z.string().nullable(),
  scope: z.looseObject({ whseids: z.array(z.string()).nullable() }),
  rows: count,
  documents: count,
  equal: count,
  counts: z.record(z.string(), count),
  repaired: count,
  remaining: count,
  held: count,
  digest: z.string(),
  exceptions: z.array(z.looseObject({ reason: z.string(), message: z.string() })),
  verdict: z.enum(['equal', 'repaired', 'different', 'unproven']),
  cost: z.looseObject({ queries: count, pages: count, rowsRead: count, functionSeconds: count }),
});

/** Differences by kind, as one reads them: "1 missing, 2 stale". */
export function differencesText({ counts }: Certificate): string {
  const found = Object.entries(counts).filter(([, documents]) => documents > 0);
  return found.map(([kind, documents]) => `${number(documents)} ${kind}`).join(', ') || 'none';
}

/** What a certificate says, a line for each part. */
export function showCertificate(shown: Certificate, screen: Screen): void {
  const { tableId, jobId, verdict, asOf, ceiling, scope, rows, documents, equal, cost } = shown;
  const exceptions = shown.exceptions.map(({ reason, message }) => `${reason} (${message})`);
  const lines = [
    ['verdict', verdict.toUpperCase()],
    ['as of', `${asOf}, when the lake was asked for its listing`],
    ['covers', `index times up to ${ceiling ?? 'none'}`],
    ['warehouses', scope.whseids?.join(', ') ?? 'all'],
    ['rows in the lake', number(rows)],
    ['documents', `${number(documents)}, ${number(equal)} of them in the lake's version`],
    ['differences', differencesText(shown)],
    ['repaired', number(shown.repaired)],
    ['remaining', number(shown.remaining)],
    ['held deletes', number(shown.held)],
    ['exceptions', exceptions.join('; ') || 'none'],
    ['digest', shown.digest],
    [
      'cost',
      `queries ${cost.queries}, rows and groups read ${number(cost.rowsRead)}, seconds ${cost.functionSeconds}`,
    ],
  ];
  screen.line(`\nCertificate of ${tableId}, job ${jobId}`);
  for (const [name = '', text = ''] of lines) screen.line(`  ${name.padEnd(18)}${text}`);
}
