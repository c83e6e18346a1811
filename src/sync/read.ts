import { AppError } from '../errors/app-error.js';
import type { ContestedRow, Segment } from '../models/reading.js';
import { addCounts } from '../models/row-counts.js';
import type { SyncJob } from '../models/sync-job.js';
import { addColumns } from '../rows/column-counts.js';
import type { Decoder } from '../rows/decoder.js';
import { createPageWriter, type DecodedPage, decodePage, writePage } from '../rows/write-page.js';
import { segmentIndex } from '../store/job-leases.js';
import { isFarBeyond } from './bounds.js';
import { fetchPage, unproven } from './fetch-page.js';
import { jobStats } from './stats.js';
import type { FetchedPage, Step, StepResult } from './step.js';
import { writingOf } from './writing.js';

/** A page is only begun if this many times the duration of the previous page is left. */
const RESERVE = 1.5;
/** Page fingerprints that a segment keeps: more than it has pages by default. */
const PAGES_KEPT = 64;

/**
 * Reads and writes the segment of the lease, page by page, until it is done or the slice's deadline
 * is near. The next page is fetched and decoded while one is written; offset and counts are saved
 * after each page.
 */
export async function readSegment(step: Step): Promise<StepResult> {
  const { context, session, table, sliceDeadline } = step;
  const { clock } = context;
  const until = Math.min(sliceDeadline, step.turn.ends);
  const index = segmentIndex(session.lease.path);
  const budget = { clock, deadline: sliceDeadline, signal: session.signal };
  const writer = createPageWriter(context, writingOf(session.job), budget);
  let segment = segmentOf(session.job, index);
  // A previous owner of the lease may have written this page without saving the offset.
  let mayBeReplay = session.lease.held.fence > 1;
  const readAhead = (offset: number) => decoded(step, writer.decoder, segment, offset);
  let ahead = readAhead(segment.next);
  for (let tookMs = 0; ; ) {
    const began = clock.now();
    const page = await distinct(step, segment, await ahead, () => readAhead(segment.next));
    if (session.signal.aborted) throw new AppError('SYNC_SUPERSEDED');
    const rows = page.fetched.rows.length;
    const next = segment.next + rows;
    const done = rows === 0 || (segment.end !== null && next >= segment.end);
    // A page that may not be finished in time is left to the next slice.
    const isNextSure = !done && began + (1 + RESERVE) * tookMs < until;
    if (isNextSure) ahead = readAhead(next);

    const { counts, contested } = await writePage(writer, page);
    if (mayBeReplay) counts.replayed = rows;
    mayBeReplay = false;
    segment = after(segment, page, { next, done, counts });
    step.memory.counts = addCounts(step.memory.counts, counts);
    await saveProgress(step, index, segment, writer.decoder, contested);
    await tellOfRejects(step, index, segment);
    refuseEndless(session.job, segment);
    if (done) break;
    tookMs = clock.now() - began;
    if (!isNextSure || clock.now() + RESERVE * tookMs >= until) return 'pause';
  }
  context.log.debug({ table: table.tableId, segment: index }, 'segment done');
  return 'next';
}

interface Page extends DecodedPage {
  readonly fetched: FetchedPage;
}

function decoded(
  step: Step,
  decoder: Decoder,
  { start, end }: Segment,
  offset: number,
): Promise<Page> {
  const { batchSize, segments } = step.session.job;
  const limit = end === null ? batchSize : Math.min(batchSize, end - offset);
  // If the segment has read nothing yet, the row before it may be past the result's end: only the
  // first row of the run's own result is known to exist.
  const first = segments[0]?.start ?? 0;
  const knownRow = offset === start && start > first ? first : offset - 1;
  const page = fetchPage(step, offset, limit, knownRow).then((fetched) => ({
    fetched,
    ...decodePage(decoder, fetched.rows),
  }));
  // It may fail while the page before it is written, before anything awaits it.
  page.catch(() => undefined);
  return page;
}

/**
 * The page; if it was already delivered at another offset, it is fetched once more.
 * @throws AppError LAKE_RESULT_UNPROVEN
 */
async function distinct(
  { context, session }: Step,
  { pages = [], next }: Segment,
  page: Page,
  again: () => Promise<Page>,
): Promise<Page> {
  const isRepeated = ({ fetched: { fingerprint } }: Page) =>
    fingerprint !== undefined && pages.includes(fingerprint);
  if (!isRepeated(page)) return page;
  await context.clock.sleep(context.emptyPagePauseMs, session.signal);
  const second = await again();
  if (!isRepeated(second)) return second;
  throw unproven(session.job, `the page at offset ${next} repeats an earlier page`);
}

function after(
  segment: Segment,
  { fetched: { keySum, oddKeys, fingerprint }, rows, columns }: Page,
  { next, done, counts }: { next: number; done: boolean; counts: Segment['counts'] },
): Segment {
  const pages = [...(segment.pages ?? []), ...(fingerprint ? [fingerprint] : [])];
  const sampleId = rows.find(({ deleted }) => !deleted)?.id ?? segment.sampleId;
  return {
    ...segment,
    next,
    state: done ? 'done' : 'open',
    counts: addCounts(segment.counts, counts),
    columns: addColumns(segment.columns ?? [], columns),
    keySum: String(BigInt(segment.keySum ?? 0) + keySum),
    oddKeys: (segment.oddKeys ?? 0) + oddKeys,
    pages: pages.slice(-PAGES_KEPT),
    ...(sampleId !== undefined && { sampleId }),
  };
}

/** Saves offset, counts and sums in one update, so that they can't disagree. */
async function saveProgress(
  { session }: Step,
  index: number,
  { next, state, counts, columns, keySum, oddKeys, pages, sampleId }: Segment,
  decoder: Decoder,
  contested: readonly ContestedRow[],
): Promise<void> {
  const sample = sampleId !== undefined && { sampleId };
  const saved = { next, state, counts, columns, keySum, oddKeys, pages, ...sample };
  const fields = Object.entries(saved).map(([name, value]) => [`segments.${index}.${name}`, value]);
  const unknownColumns = [...decoder.unknownColumns];
  const renamedColumns = [...decoder.renamedColumns];
  const met = { unknownColumns, renamedColumns, contested };
  await session.saveProgress(Object.fromEntries(fields), met);
}

/** @throws AppError LAKE_RESULT_UNPROVEN if a result of unknown length keeps delivering rows */
function refuseEndless(job: SyncJob, { end, next }: Segment): void {
  const { totalRecords, batchSize } = job;
  if (end !== null || !isFarBeyond(next, totalRecords, batchSize)) return;
  throw unproven(job, `${next} rows were read, but the lake had counted ${totalRecords}`);
}

/** Raises the alert about rejects while the run is reading, since it may take hours to end. */
async function tellOfRejects(
  { context, session: { job }, memory }: Step,
  index: number,
  present: Segment,
): Promise<void> {
  if (memory.toldOfRejects) return;
  const segments = job.segments.map((one, at) => (at === index ? present : one));
  const counts = jobStats({ ...job, segments });
  if (counts.errorRecords === 0) return;
  memory.toldOfRejects = await context.alerts.rejectedSoFar(job, counts);
}

function segmentOf(job: SyncJob, index: number): Segment {
  const segment = job.segments[index];
  if (!segment) throw new Error(`job ${String(job._id)} has no segment ${index}`);
  return segment;
}
