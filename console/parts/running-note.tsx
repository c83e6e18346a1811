import { readableDuration } from '../format/duration.js';
import { runHref } from '../state/run.js';
import type { Running } from '../state/shapes.js';
import { texts } from '../texts.js';
import { sentence } from './sentence.js';

const { overview: text } = texts;

/** That a table is being synced, how far it is, and the way to watch it. */
export function RunningNote({ running }: { readonly running: Running }) {
  const { jobId, historyId, phase, percent, secondsLeft, waitingFor, stalled } = running;
  const facts = [
    sentence(text.running, { phase: texts.phases[phase ?? 'none'] }),
    ...(percent === null ? [] : [`${Math.floor(percent)} %`]),
    ...(secondsLeft === null ? [] : [sentence(text.left, { time: readableDuration(secondsLeft) })]),
    ...(waitingFor === null ? [] : [waitingFor]),
    ...(stalled ? [text.stalled] : []),
  ];
  return (
    <span class="running">
      {facts.map((fact) => (
        // Each by itself, since a direction that one of them sets must not turn the others around.
        <span key={fact}>
          <span class="data">{fact}</span>
          {' · '}
        </span>
      ))}
      <a href={runHref(historyId, jobId)}>{text.watch}</a>
    </span>
  );
}
