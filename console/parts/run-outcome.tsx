import type { Run } from '../state/run.js';
import type { Job } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Data } from './data.js';
import { ErrorCode } from './error-code.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

const text = texts.run;

/** How a run is or has ended, in a sentence that is read out when it changes, and why it failed. */
export function RunOutcome({ run }: { readonly run: Run }) {
  const { job, progress } = run;
  const { error, errorCode } = progress;
  return (
    <div class="stack">
      <p class="summary" role="status">
        <Outcome run={run} />
        {job?.reconcile?.result && <Compared {...job.reconcile.result} />}
      </p>
      {error !== undefined && (
        <div class="note bad">
          <p>
            <Data text={error} />
          </p>
          {errorCode !== undefined && (
            <p class="small quiet">
              <ErrorCode code={errorCode} />
            </p>
          )}
        </div>
      )}
      {job?.finishing && (
        <div class="note warn">
          <p>{text.lasting}</p>
          <p class="data">{job.finishing.error}</p>
        </div>
      )}
    </div>
  );
}

type Result = NonNullable<NonNullable<Job['reconcile']>['result']>;

function Compared({ verdict, repaired, remaining }: Result) {
  const count = verdict === 'repaired' ? repaired : remaining;
  return (
    <>
      {' '}
      <Sentence
        text={text.compared[verdict]}
        count={<Count of={count} unit={texts.units.differences} />}
      />
    </>
  );
}

type Ending = keyof typeof text.outcomes;

function Outcome({ run: { entry, progress } }: { readonly run: Run }) {
  const { ended, phase, status, outcome, counts } = progress;
  if (entry?.refusal) {
    const { count, since } = entry.refusal;
    return <Sentence text={text.outcomes.refused} count={count} at={<Time at={since} />} />;
  }
  if (!ended) return <Sentence text={text.running} phase={phaseText(phase)} />;
  const ending = isEnding(outcome) ? outcome : status === 'failed' ? 'failed' : 'completed';
  return (
    <Sentence
      text={text.outcomes[ending]}
      rejected={<Count of={counts.rejected} unit={texts.units.rows} />}
    />
  );
}

function isEnding(outcome: string | undefined): outcome is Ending {
  return outcome !== undefined && Object.hasOwn(text.outcomes, outcome);
}

function phaseText(phase: string | null): string {
  const known: Readonly<Record<string, string>> = texts.phases;
  return known[phase ?? 'none'] ?? String(phase);
}
