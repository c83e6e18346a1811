import { dataQuery } from '../../datafabric/query-builder.js';
import { type ResultTotals, sameTotals, takeTotals } from '../../datafabric/result-totals.js';
import type { SyncJob } from '../../models/sync-job.js';
import { compileDecoder } from '../../rows/decoder.js';
import { decodePage } from '../../rows/write-page.js';
import { notStored } from '../../rows/write-rows.js';
import { unproven } from '../fetch-page.js';
import { finished, submit } from '../lake-query.js';
import { rangeOf, sourceOf } from '../query-scope.js';
import type { Step, StepResult } from '../step.js';
import { writingOf } from '../writing.js';
import { candidateList, MOST_CANDIDATES } from './candidate-list.js';
import { ceilingOf } from './certificate.js';
import { reconcileOf, StepCost } from './cost.js';
import { withException } from './exceptions.js';
import { isWhole, resultPages } from './result-stream.js';

const LOOK_UP = 1_000;

/**
 * Reads every live row up to the ceiling, and compares its document byte for byte. Documents that
 * differ become candidates; `confirm` finds out whether they really differ.
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

  const decoder = compileDecoder(table, writingOf(job));
  const rows = context.store.rows(job.tableId);
  const candidates = await candidateList(step);
  let stated: ResultTotals | undefined;
  let read = comparedRows;
  let keySum = BigInt(reconcileOf(job).comparedKeySum ?? 0);
  let oddKeys = reconcileOf(job).comparedOddKeys ?? 0;
  const sized = { limit: job.batchSize };
  for await (const page of resultPages(step, query.id, read, () => stated?.rows, sized)) {
    const { rows: raws, stated: totals, contradictory, ...keys } = takeTotals(page.rows);
    if (contradictory || !totals || (stated && !sameTotals(stated, totals))) {
      throw unproven(job, 'the rows state no totals, or different ones');
    }
    stated = totals;
    const decoded = decodePage(decoder, raws).rows;
    for (let at = 0; at < decoded.length; at += LOOK_UP) {
      const others = await notStored(rows, decoded.slice(at, at + LOOK_UP));
      await candidates.add(others.map(({ id }) => id));
    }
    if (candidates.areTooMany()) break;
    cost.pages++;
    cost.rowsRead += raws.length;
    read += raws.length;
    keySum += keys.keySum;
    oddKeys += keys.oddKeys;
    await session.save({
      'reconcile.comparedRows': read,
      'reconcile.comparedKeySum': String(keySum),
      'reconcile.comparedOddKeys': oddKeys,
      ...cost.take(),
    });
    const isOver = context.clock.now() >= Math.min(sliceDeadline, turn.ends);
    if (read < totals.rows && isOver) return 'pause';
  }
  const isCut = candidates.areTooMany();
  const received = { rows: read, keySum: String(keySum) };
  // If everything was read in an earlier slice, or there is no row, no page has stated totals.
  const isRead = stated ? isWhole(stated, received, oddKeys) : read > 0 || isEmpty(job);
  if (!isCut && !isRead) throw unproven(job, 'the rows read differ from the totals of the result');
  const message = `more than ${MOST_CANDIDATES} documents differ`;
  await session.save({
    phase: 'confirming',
    probeQuery: undefined,
    ...(isCut && withException(job, { reason: 'too_many_differences', message })),
    ...cost.take(),
  });
  return 'next';
}

/** Whether the listing had no row up to the ceiling. */
function isEmpty({ reconcile }: SyncJob): boolean {
  const { rows = 0, inFlight = 0 } = reconcile?.position ?? {};
  return rows === inFlight;
}
