import { useNow } from '../state/now.js';
import type { Run } from '../state/run.js';
import type { Job } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Duration } from './count.js';
import { Fact } from './fact.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

const text = texts.run;

/** When a run ran, why, and over what. */
export function RunFacts({ run: { job, entry, progress } }: { readonly run: Run }) {
  const now = useNow(!progress.ended);
  const startedAt = job?.stats.startTime ?? entry?.startTime;
  const endedAt = job?.stats.endTime ?? entry?.endTime;
  const mode = job?.reconcile ? 'reconcile' : (job?.mode ?? entry?.mode);
  const lasted = job?.stats.durationMs ?? entry?.durationMs;
  const seconds = startedAt ? (now - Date.parse(startedAt)) / 1000 : null;
  return (
    <section class="stack">
      {!job && progress.ended && !entry?.refusal && <p class="quiet">{text.gone}</p>}
      <dl class="facts">
        {mode && <Fact name={text.mode}>{texts.modes[mode]}</Fact>}
        {job?.trigger && <Fact name={text.by}>{text.triggers[job.trigger]}</Fact>}
        <Fact name={text.started}>
          <Time at={startedAt} />
        </Fact>
        {progress.ended ? (
          <>
            <Fact name={text.ended}>
              <Time at={endedAt} />
            </Fact>
            <Fact name={text.took}>
              <Duration seconds={lasted === undefined ? null : lasted / 1000} />
            </Fact>
          </>
        ) : (
          <Fact name={text.runsFor}>
            <Duration seconds={seconds === null ? null : Math.max(0, Math.round(seconds))} />
          </Fact>
        )}
        {job && <Scope job={job} />}
      </dl>
      {job?.scope && !job.scope.own && <p class="quiet small">{text.scopeDiffers}</p>}
    </section>
  );
}

function Scope({ job: { range, scope } }: { readonly job: Job }) {
  return (
    <>
      {range?.ceiling && (
        <Fact name={text.range}>
          <Sentence
            text={range.from ? text.fromTo : text.upTo}
            from={<Time at={range.from} />}
            to={<Time at={range.ceiling} />}
          />
        </Fact>
      )}
      {scope?.whseids && <Fact name={text.ofWarehouses}>{scope.whseids.join(', ')}</Fact>}
    </>
  );
}
