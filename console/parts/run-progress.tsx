import { number } from '../format/count.js';
import { readableDuration } from '../format/duration.js';
import type { Run } from '../state/run.js';
import { texts } from '../texts.js';
import { sentence } from './sentence.js';

const text = texts.run;

/** How far a run is, how long it may take, and what it waits for. */
export function RunProgress({ run: { job, progress } }: { readonly run: Run }) {
  const { percent, counts, rowsPerSecond, secondsLeft, waitingFor, stalled } = progress;
  const segments = job?.progress?.segments;
  const facts = [
    ...(percent === null
      ? []
      : [
          sentence(text.rowsOf, { read: number(counts.read), total: number(counts.total) }),
          `${Math.floor(percent)} %`,
        ]),
    ...(rowsPerSecond === null ? [] : [sentence(text.perSecond, { count: number(rowsPerSecond) })]),
    ...(secondsLeft === null || percent === null
      ? []
      : [sentence(text.left, { time: readableDuration(secondsLeft) })]),
    ...(segments && segments.total > 1
      ? [
          sentence(text.segments, {
            done: number(segments.done),
            total: number(segments.total),
            inWork: number(segments.inWork),
          }),
        ]
      : []),
  ];
  return (
    <div class="stack">
      {percent === null ? (
        <progress aria-label={text.progress} />
      ) : (
        <progress aria-label={text.progress} max={100} value={percent} />
      )}
      {facts.length > 0 && <p>{facts.join(' · ')}</p>}
      {waitingFor !== null && <p class="data">{sentence(text.waiting, { what: waitingFor })}</p>}
      {stalled && <p class="note warn">{text.stalled}</p>}
    </div>
  );
}
