import { useState } from 'preact/hooks';
import { number } from '../format/count.js';
import { useAction } from '../state/action.js';
import {
  type RejectFilter,
  type RetryOutcome,
  retryMatching,
  retrySelected,
} from '../state/retry.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { ErrorNote } from './error-note.js';
import { Sentence, sentence } from './sentence.js';

const text = texts.rejects;

/** Has the rows of rejects fetched again: those that are selected, or all that the filter shows. */
export function RetryBar({
  selected,
  filter,
  onDone,
}: {
  readonly selected: readonly string[];
  readonly filter: RejectFilter;
  readonly onDone: () => void;
}) {
  const [outcome, setOutcome] = useState<RetryOutcome | undefined>(undefined);
  const retry = useAction(async (work: () => Promise<RetryOutcome>) => {
    setOutcome(undefined);
    setOutcome(await work());
    onDone();
  });
  const isBusy = retry.busy.value;
  return (
    <div class="stack">
      <div class="row">
        <button
          type="button"
          aria-disabled={isBusy || selected.length === 0}
          onClick={() => selected.length > 0 && retry.run(() => retrySelected(selected))}
        >
          {sentence(text.retrySelected, { count: number(selected.length) })}
        </button>
        <button
          type="button"
          aria-disabled={isBusy}
          onClick={() => retry.run(() => retryMatching(filter))}
        >
          {text.retryAll}
        </button>
        <span role="status">
          {isBusy ? text.retrying : outcome && <Outcome outcome={outcome} />}
        </span>
      </div>
      {retry.failure.value && <ErrorNote failure={retry.failure.value} />}
    </div>
  );
}

function Outcome({
  outcome: { resolved, gone, stillRejected, remaining, isCut },
}: {
  readonly outcome: RetryOutcome;
}) {
  const { rows } = texts.units;
  return (
    <>
      <Sentence
        text={text.result}
        resolved={<Count of={resolved} unit={rows} />}
        gone={<Count of={gone} unit={rows} />}
        still={<Count of={stillRejected} unit={rows} />}
      />
      {remaining > 0 && (
        <>
          {' '}
          <Sentence text={text.remaining} remaining={<Count of={remaining} unit={rows} />} />
        </>
      )}
      {isCut && ` ${text.mostIds}`}
    </>
  );
}
