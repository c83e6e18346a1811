import { useAction } from '../state/action.js';
import { call, newKey } from '../state/api.js';
import { mayWrite } from '../state/session.js';
import type { Configuration } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Data } from './data.js';
import { ErrorNote } from './error-note.js';
import { Sentence } from './sentence.js';
import { Time } from './time.js';

const text = texts.config;

/** Whether the schedule syncs a table, and what pauses or resumes that. */
export function ScheduleSwitch({
  config: { tableId, enabled, pausedReason, nextRunAt },
  onDone,
}: {
  readonly config: Configuration;
  /** After the change. @throws Failure */
  readonly onDone: () => Promise<void>;
}) {
  // Without a time it has never run, and the next pass of the schedule starts it.
  const isDue = nextRunAt === null || Date.parse(nextRunAt) <= Date.now();
  const isPaused = pausedReason !== undefined;
  const change = useAction(async () => {
    const body = { action: isPaused ? 'resume' : 'pause', tableId };
    await call('sync-control', { body, headers: newKey() });
    await onDone();
  });
  return (
    <div class="stack">
      <div class="row">
        <span role="status">
          {isPaused ? (
            <Sentence text={text.isPaused} reason={<Data text={pausedReason} />} />
          ) : enabled ? (
            <Sentence text={text.isOn} at={isDue ? texts.overview.due : <Time at={nextRunAt} />} />
          ) : (
            text.isOff
          )}
        </span>
        {mayWrite.value && (
          <button type="button" onClick={change.run} aria-disabled={change.busy.value}>
            {isPaused ? text.resume : text.pause}
          </button>
        )}
      </div>
      {change.failure.value && <ErrorNote failure={change.failure.value} />}
    </div>
  );
}
