import type { Run } from '../state/run.js';
import { texts } from '../texts.js';
import { Count } from './count.js';
import { Sentence } from './sentence.js';

const text = texts.run;
const { rows } = texts.units;

/** The evidence that a run has read every row of its range. */
export function RunProof({ run: { job, entry, progress } }: { readonly run: Run }) {
  const proof = job?.proof ?? entry?.proof;
  // What has failed, or ran under an earlier version, has none and will have none.
  if (!proof && progress.ended) return null;
  return (
    <section class="stack">
      <h2>{text.proof}</h2>
      {proof ? (
        <p>
          <Sentence
            text={text.proofs[proof.how]}
            stated={<Count of={proof.stated ?? proof.read} unit={rows} />}
            read={<Count of={proof.read} unit={rows} />}
          />
        </p>
      ) : (
        <p class="quiet">{text.noProof}</p>
      )}
    </section>
  );
}
