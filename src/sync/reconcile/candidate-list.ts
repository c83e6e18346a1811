import type { Step } from '../step.js';

/** The most candidates that one run confirms; a table with more differences should be rebuilt. */
export const MOST_CANDIDATES = 20_000;

/** The stored candidates of a run: `add` adds keys, `areTooMany` tells if the limit is exceeded. */
export async function candidateList({ context, session }: Step) {
  const { tableId, _id: jobId } = session.job;
  const { differences, jobs } = context.store;
  const { now } = await jobs.findWithTime(jobId);
  let count = await differences.countCandidates(tableId, jobId);
  let isOver = false;
  return {
    async add(keys: readonly string[]): Promise<void> {
      await differences.addCandidates({ tableId, jobId, now }, keys);
      count += keys.length;
      if (count <= MOST_CANDIDATES) return;
      // Some may have been stored before, so the true number is read.
      count = await differences.countCandidates(tableId, jobId);
      isOver = count > MOST_CANDIDATES;
    },
    areTooMany: () => isOver,
  };
}
