import { useState } from 'preact/hooks';
import { overview } from '../state/overview.js';
import type { Run } from '../state/run.js';
import { texts } from '../texts.js';

const text = texts.diagnostics;

/** Copies what somebody else needs to look into a run: ids, codes and counts; no value of a row. */
export function CopyDiagnostics({ run }: { readonly run: Run }) {
  const [state, setState] = useState<'copied' | 'byHand' | undefined>(undefined);
  const diagnostics = diagnosticsOf(run);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(diagnostics);
      setState('copied');
    } catch {
      setState('byHand');
    }
  }
  return (
    <div class="stack">
      <p class="row">
        <button type="button" onClick={copy}>
          {text.copy}
        </button>
        <span role="status">{state && text[state]}</span>
      </p>
      {state === 'byHand' && (
        <textarea readOnly rows={8} value={diagnostics} aria-label={text.byHand} />
      )}
    </div>
  );
}

/** Without texts of errors and warnings: they may quote what the lake has said of a row. */
function diagnosticsOf({ job, entry, progress }: Run): string {
  const { jobId, tableId, status, outcome, phase, counts, stalled, errorCode } = progress;
  const site = overview.value?.data;
  const facts = {
    ...{ jobId, historyId: job?.historyId ?? entry?._id, tableId },
    ...{ mode: job?.mode ?? entry?.mode, trigger: job?.trigger, range: job?.range },
    ...{ status, outcome, phase, stalled, errorCode, counts },
    proof: job?.proof ?? entry?.proof,
    startTime: job?.stats.startTime ?? entry?.startTime,
    endTime: job?.stats.endTime ?? entry?.endTime,
    reconcile: job?.reconcile?.result,
    lostOrders: job?.lostOrders,
    version: site?.version,
    environment: site?.environment,
    copiedAt: new Date().toISOString(),
  };
  return JSON.stringify(facts, null, 2);
}
