import { dataQuery } from '../../datafabric/query-builder.js';
import { takeTotals } from '../../datafabric/result-totals.js';
import { compileDecoder } from '../../rows/decoder.js';
import { decodePage } from '../../rows/write-page.js';
import { notStored } from '../../rows/write-rows.js';
import { unproven } from '../fetch-page.js';
import { finished, submit } from '../lake-query.js';
import { rangeOf, sourceOf } from '../query-scope.js';
import type { Step, StepResult } from '../step.js';
import { writingOf } from '../writing.js';
import { ceilingOf } from './certificate.js';
import { reconcileOf, StepCost } from './cost.js';
import { withException } from './exceptions.js';
import { MOST_CANDIDATES } from './locate.js';
import { resultPages } from './result-stream.js';

const LOOK_UP = 1_000;

/**
 * Reads every live row that the run has read or could have, and compares its document byte for byte:
 * those that differ become candidates. Whether they really differ is for `confirm` to see.
 */
export async function compareContent(step: Step): Promise<StepResult> {
  const { context, session, table, sliceDeadline, turn } = step;
  const { job } = session;
  const { position, comparedRows = 0 } = reconcileOf(job);
  const { query: mostRows } = context.sizes;
  if ((position?.rows ?? 0) > mostRows) {
    const message = `more than ${mostRows} rows: their values were not compared`;
    const exception = withException(job, { reason: 'too_many_rows', message });
    await session.save({ phase: 'confirming', probeQuery: undefined, ...exception });
    return 'next';
  }
  const cost = new StepCost(step);
  const { probeQuery } = job;
  if (!probeQuery) cost.queries++;
  const source = { ...sourceOf(job, table), deleteFlag: false };
  const range = { modifiedTo: ceilingOf(job) };
  const sql = () => dataQuery(source, rangeOf(job).filter, range, { totals: true });
  const query = probeQuery ?? (await submit(step, 'probeQuery', sql()));
  if (!(await finished(step, query))) return 'pause';

  const { now } = await context.store.jobs.findWithTime(job._id);
  const met = { tableId: job.tableId, jobId: job._id, now };
  const decoder = compileDecoder(table, writingOf(job));
  const rows = context.store.rows(job.tableId);
  const { differences } = context.store;
  let stated: number | undefined;
  let read = comparedRows;
  const sized = { limit: job.batchSize };
  for await (const page of resultPages(step, query.id, comparedRows, () => stated, sized)) {
    const { rows: raws, stated: totals, contradictory } = takeTotals(page.rows);
    if (contradictory || !totals || (stated !== undefined && stated !== totals.rows)) {
      throw unproven(job, 'the rows state no totals, or different ones');
    }
    stated = totals.rows;
    const decoded = decodePage(decoder, raws).rows;
    for (let at = 0; at < decoded.length; at += LOOK_UP) {
      const others = await notStored(rows, decoded.slice(at, at + LOOK_UP));
      await differences.addCandidates(
        met,
        others.map(({ id }) => id),
      );
    }
    cost.pages++;
    cost.rowsRead += raws.length;
    read += raws.length;
    await session.save({ 'reconcile.comparedRows': read, ...cost.take() });
    if (read < stated && context.clock.now() >= Math.min(sliceDeadline, turn.ends)) return 'pause';
  }
  const tooMany = (await differences.countCandidates(job.tableId, job._id)) > MOST_CANDIDATES;
  const message = `more than ${MOST_CANDIDATES} documents differ`;
  await session.save({
    phase: 'confirming',
    probeQuery: undefined,
    ...(tooMany && withException(job, { reason: 'too_many_differences', message })),
    ...cost.take(),
  });
  return 'next';
}
