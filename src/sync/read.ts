import { mostOf } from '../db/write-rows.js';
import { AppError } from '../errors/app-error.js';
import type { LakeQuery, Segment, SyncJob } from '../models/sync-job.js';
import type { Decoder } from '../tables/decoder.js';
import type { Step, StepResult } from './context.js';
import { leaseAt, segmentIndex } from './free-lease.js';
import { addCounts, jobCounts } from './segments.js';
import { createPageWriter, type DecodedPage, decodePage, writePage } from './write-page.js';

/** A page is not begun unless this many times its predecessor's duration is left. */
const RESERVE = 1.5;

/**
 * Reads and writes the segment that the lease is for, page by page, until it is done or the
 * deadline is near. The page after is fetched and decoded while one is written; the place is
 * saved after each. Whoever saves the last segment takes the job on.
 */
export async function readSegment(step: Step): Promise<StepResult> {
  const { context, lease, table, deadline } = step;
  const { clock } = context;
  const index = segmentIndex(lease.path);
  const scope = { clock, deadline, signal: lease.signal };
  const writer = createPageWriter(context, about(lease.job), scope);
  let segment = segmentOf(lease.job, index);
  // Whoever worked here before may have written this page without saving the place.
  let mayBeReplay = (leaseAt(lease.job, lease.path)?.fence ?? 1) > 1;
  const readPage = (offset: number) => fetchPage(step, writer.decoder, segment, offset);
  let ahead = readPage(segment.next);
  for (let tookMs = 0; ; ) {
    const began = clock.now();
    const page = await ahead;
    if (lease.signal.aborted) throw new AppError('SYNC_SUPERSEDED');
    const rows = page.rows.length + page.bad.length;
    const next = segment.next + rows;
    const done = rows === 0 || next === segment.end;
    // A page that there will hardly be time for is left to the next slice.
    const isNextSure = !done && began + (1 + RESERVE) * tookMs < deadline;
    if (isNextSure) ahead = readPage(next);

    const counts = await writePage(writer, page);
    if (mayBeReplay) counts.replayed = rows;
    mayBeReplay = false;
    const state = done ? 'done' : 'open';
    segment = { ...segment, next, state, counts: addCounts(segment.counts, counts) };
    await savePlace(step, index, segment, [...writer.decoder.unknownColumns]);
    if (done) break;
    tookMs = clock.now() - began;
    if (!isNextSure || clock.now() + RESERVE * tookMs >= deadline) return 'pause';
  }
  context.log.debug({ table: table.tableId, segment: index }, 'segment done');
  return 'next';
}

function about(job: SyncJob): Parameters<typeof createPageWriter>[1] {
  const { _id, tableId, deleteMode, range } = job;
  const counts = jobCounts(job);
  // A run that reads what has changed since reads most of it again, for the lookback.
  const atFirst = range.from ? 'unchanged' : 'new';
  const expected = counts.read > 0 ? mostOf(counts, counts.read) : atFirst;
  return { tableId, deleteMode, jobId: String(_id), expected };
}

/** The place and the counts by one update, so that they can't disagree. */
async function savePlace(
  { lease }: Step,
  index: number,
  { next, state, counts }: Segment,
  unknown: readonly string[],
): Promise<void> {
  const at = `segments.${index}`;
  await lease.saveProgress(
    { [`${at}.next`]: next, [`${at}.state`]: state, [`${at}.counts`]: counts },
    unknown,
  );
}

function segmentOf(job: SyncJob, index: number): Segment {
  const segment = job.segments[index];
  if (!segment) throw new Error(`job ${String(job._id)} has no segment ${index}`);
  return segment;
}

function fetchPage(
  { context, lease, deadline }: Step,
  decoder: Decoder,
  segment: Segment,
  offset: number,
): Promise<DecodedPage> {
  const { batchSize, query } = lease.job;
  const limit = segment.end === null ? batchSize : Math.min(batchSize, segment.end - offset);
  const place = { offset, limit, deadline, signal: lease.signal };
  const page = context.lake.compass
    .page(queryOf(query).id, place)
    .then((rows) => decodePage(decoder, rows));
  // It may fail while its predecessor is being written, before anybody waits for it.
  page.catch(() => undefined);
  return page;
}

function queryOf(query: LakeQuery | undefined): LakeQuery {
  if (!query) throw new Error('reading without a query');
  return query;
}
