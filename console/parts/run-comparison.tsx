import { number } from '../format/count.js';
import { href } from '../state/route.js';
import type { Job } from '../state/shapes.js';
import { texts } from '../texts.js';

const text = texts.run;
type Reconcile = NonNullable<Job['reconcile']>;

/** What a run that compares the table with the lake has found, in documents. */
export function RunComparison({
  reconcile: { counts = {}, repaired = 0, result, exceptions = [] },
  tableId,
}: {
  readonly reconcile: Reconcile;
  readonly tableId: string;
}) {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  const names: Readonly<Record<string, string>> = text.kinds;
  const facts: readonly (readonly [string, number])[] = [
    ...found.map(([kind, count]) => [names[kind] ?? kind, count] as const),
    ...(repaired > 0 ? [[text.repaired, repaired] as const] : []),
    ...(result ? [[text.remaining, result.remaining] as const] : []),
    ...(result && result.held > 0 ? [[text.held, result.held] as const] : []),
  ];
  return (
    <section class="stack">
      <h2>{text.comparison}</h2>
      {result && found.length === 0 && <p>{text.equalNow}</p>}
      {facts.length > 0 && (
        <dl class="facts">
          {facts.map(([name, count]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{number(count)}</dd>
            </div>
          ))}
        </dl>
      )}
      <ul>
        {exceptions.map(({ reason, message }) => (
          <li class="data" key={reason}>
            {message}
          </li>
        ))}
      </ul>
      <p class="quiet small">{text.comparisonLead}</p>
      {result && (
        <p>
          <a href={href('certificate', tableId)}>{text.toCertificate}</a>
        </p>
      )}
    </section>
  );
}
