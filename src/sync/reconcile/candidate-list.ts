import type { Step } from '../step.js';

/** Documents that one run confirms at most; a table with more differences is to be rebuilt. */
export const MOST_CANDIDATES = 20_000;

/** The candidates of a run so far, and those that are added. */
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
      // Some may have been added before.
      count = await differences.countCandidates(tableId, jobId);
      isOver = count > MOST_CANDIDATES;
    },
    areTooMany: () => isOver,
  };
}
