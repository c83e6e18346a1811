import type { Counts, Progress } from '../../src/client/public.js';
import { number } from '../format/count.js';
import { href } from '../state/route.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Sentence } from './sentence.js';

const text = texts.run;
const PARTS = ['created', 'updated', 'unchanged', 'stale', 'rejected'] as const;

/** The rows read as the sum of what became of them, and what else is said of some of them. */
export function RunCounts({ progress: { counts, tableId } }: { readonly progress: Progress }) {
  return (
    <section class="stack">
      <h2>{text.counts}</h2>
      <dl class="equation" aria-label={text.equation}>
        <Part name="read" counts={counts} />
        {PARTS.map((name) => (
          <Part key={name} name={name} counts={counts} />
        ))}
      </dl>
      {counts.deleted + counts.unreadable > 0 && (
        <div>
          <p class="quiet">{text.ofWhich}</p>
          <ul>
            <Also text={text.deleted} rows={counts.deleted} />
            <Also text={text.unreadable} rows={counts.unreadable} />
          </ul>
        </div>
      )}
      {counts.rejected + counts.unreadable > 0 && (
        <p>
          <a href={href('rejects', '', { tableId })}>{text.toRejects}</a>
        </p>
      )}
    </section>
  );
}

/** The sign before it is drawn by the style: `=` before the first part, `+` before the others. */
function Part({
  name,
  counts,
}: {
  readonly name: 'read' | (typeof PARTS)[number];
  readonly counts: Counts;
}) {
  return (
    <div class={counts[name] === 0 ? 'zero' : ''}>
      <dt>{text[name]}</dt>
      <dd title={name === 'stale' ? text.staleHelp : undefined}>{number(counts[name])}</dd>
    </div>
  );
}

function Also({ text: said, rows }: { readonly text: string; readonly rows: number }) {
  if (rows === 0) return null;
  return (
    <li>
      <Sentence text={said} rows={<Count of={rows} unit={texts.units.rows} />} />
    </li>
  );
}
