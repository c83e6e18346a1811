import type { HistoryEntry } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { ErrorCode } from './error-code.js';
import { Sentence } from './sentence.js';

const LOOK = {
  good: ['good', '✓'],
  warn: ['warn', '!'],
  bad: ['bad', '✕'],
  active: ['quiet', '…'],
} as const;

/** How a run of the history has ended, or that it runs. */
export function EntryOutcome({ entry }: { readonly entry: HistoryEntry }) {
  const outcome = outcomeOf(entry);
  const [look, sign] = LOOK[lookOf(outcome, entry)];
  const { recordsError, errorCode } = entry;
  return (
    <span class={`verdict ${look}`}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      <span>
        {texts.outcomes[outcome]}
        {recordsError > 0 && (
          <span class="cause">
            <Sentence
              text={texts.history.rejected}
              rows={<Count of={recordsError} unit={texts.units.rows} />}
            />
          </span>
        )}
        {typeof errorCode === 'string' && (
          <span class="cause data">
            <ErrorCode code={errorCode} />
          </span>
        )}
      </span>
    </span>
  );
}

type Outcome = keyof typeof texts.outcomes;

function outcomeOf({ refusal, status, outcome }: HistoryEntry): Outcome {
  if (refusal) return 'refused';
  if (status === 'pending' || status === 'in_progress') return 'running';
  return outcome ?? status;
}

function lookOf(outcome: Outcome, { recordsError }: HistoryEntry): keyof typeof LOOK {
  if (outcome === 'running') return 'active';
  if (outcome === 'failed' || outcome === 'refused') return 'bad';
  return outcome === 'partial' || outcome === 'canceled' || recordsError > 0 ? 'warn' : 'good';
}
