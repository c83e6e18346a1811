import { useState } from 'preact/hooks';
import { number } from '../format/count.js';
import { useAction } from '../state/action.js';
import { call, newKey } from '../state/api.js';
import { runHref } from '../state/run.js';
import type { HeldDeletes } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Confirm } from './confirm.js';
import { ErrorNote } from './error-note.js';
import { Sentence, sentence } from './sentence.js';

const text = texts.deletes;

/** Carries out a held list of deletes, or drops it; each asks first and names the table. */
export function DeletesDecision({
  list: { hash, deletes },
  tableId,
  table,
  onDiscarded,
}: {
  readonly list: HeldDeletes;
  readonly tableId: string;
  readonly table: string;
  readonly onDiscarded: () => void;
}) {
  const [asking, ask] = useState<'confirm' | 'discard' | undefined>(undefined);
  const decide = useAction(async (action: 'confirm-deletes' | 'discard-deletes') => {
    const body = { action, tableId, hash };
    const run = await call<{ jobId?: string; historyId?: string }>('sync-control', {
      ...{ body, headers: newKey() },
    });
    if (run.jobId === undefined) onDiscarded();
    else location.hash = runHref(run.historyId, run.jobId);
  });
  const names = {
    table,
    deletes: `${number(deletes)} ${texts.units.documents[deletes === 1 ? 0 : 1]}`,
  };
  const isBusy = decide.busy.value;
  return (
    <div class="stack no-print">
      <div class="row">
        <button type="button" class="danger" aria-disabled={isBusy} onClick={() => ask('confirm')}>
          {text.confirm}
        </button>
        <button type="button" aria-disabled={isBusy} onClick={() => ask('discard')}>
          {text.discard}
        </button>
      </div>
      {decide.failure.value && <ErrorNote failure={decide.failure.value} />}
      {asking === 'confirm' && (
        <Confirm
          title={sentence(text.confirmTitle, names)}
          action={sentence(text.confirmAction, names)}
          danger
          onConfirm={() => decide.run('confirm-deletes')}
          onClose={() => ask(undefined)}
        >
          <p>
            <Sentence text={text.confirmLead} hash={<code>{hash.slice(0, 12)}…</code>} />
          </p>
        </Confirm>
      )}
      {asking === 'discard' && (
        <Confirm
          title={sentence(text.discardTitle, names)}
          action={sentence(text.discardAction, names)}
          onConfirm={() => decide.run('discard-deletes')}
          onClose={() => ask(undefined)}
        >
          <p>{text.discardLead}</p>
        </Confirm>
      )}
    </div>
  );
}
