import { number } from '../format/count.js';
import { type Exception, summaryOf } from '../format/summary.js';
import type { Overview } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

/** Whether MongoDB can be trusted; said again when it changes. */
export function SummarySentence({ of }: { readonly of: Overview }) {
  const { head, good, equal, tables, at, exceptions } = summaryOf(of);
  const { openRejects, schedule } = of.summary;
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
        <ExceptionSentence key={exception.kind + exception.tables[0]} {...exception} />
      ))}
      {openRejects > 0 && (
        <>
          {' '}
          <Sentence
            text={text.rejects}
            count={<Count of={openRejects} unit={texts.units.rejects} />}
          />
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

const lists = new Intl.ListFormat(texts.locale);

function ExceptionSentence({ kind, tables, count }: Exception) {
  const [one, several] = texts.exceptions[kind];
  const unit = kind === 'held' ? texts.units.deletes : texts.units.differences;
  return (
    <>
      {' '}
      <Sentence
        text={tables.length === 1 ? one : several}
        tables={lists
          .formatToParts(tables)
          .map(({ type, value }) =>
            type === 'element' ? <strong class="data">{value}</strong> : value,
          )}
        count={<Count of={count} unit={unit} />}
      />
    </>
  );
}
