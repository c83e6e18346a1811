import { number } from '../format/count.js';
import { type Exception, summaryOf } from '../format/summary.js';
import type { Overview } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

/** Whether MongoDB can be trusted; said again when it changes. */
export function SummarySentence({ of }: { readonly of: Overview }) {
  const { head, good, equal, tables, at, exceptions, more } = summaryOf(of);
  const { schedule } = of.summary;
  const text = texts.overview.summary;
  return (
    <p class="summary" role="status">
      <Sentence
        text={text[head]}
        at={<Time at={at} />}
        count={number(head.startsWith('all') ? tables : good)}
        equal={number(equal)}
        of={number(tables)}
      />
      {exceptions.map((exception) => (
        <ExceptionSentence key={exception.table} {...exception} />
      ))}
      {more > 0 && (
        <>
          {' '}
          <Sentence text={text.more} count={number(more)} />
        </>
      )}
      {schedule.overdue && head !== 'nothing' && (
        <>
          {' '}
          <Sentence
            text={schedule.lastPass ? text.overdue : text.neverScheduled}
            at={<Time at={schedule.lastPass} />}
          />
        </>
      )}
    </p>
  );
}

function ExceptionSentence({ kind, table, count }: Exception) {
  const unit = kind === 'held' ? texts.units.deletes : texts.units.differences;
  return (
    <>
      {' '}
      <Sentence
        text={texts.exceptions[kind]}
        table={<strong class="data">{table}</strong>}
        count={<Count of={count} unit={unit} />}
      />
    </>
  );
}
