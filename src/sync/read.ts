import type { Row } from '../datafabric/rows.js';
import { AppError } from '../errors/app-error.js';
import type { LakeQuery, Segment, SyncJob } from '../models/sync-job.js';
import { compileDecoder } from '../tables/decoder.js';
import type { Step, StepResult } from './context.js';
import { leaseAt, segmentIndex } from './free-lease.js';
import { createRejectStore } from './rejects.js';
import { addCounts } from './segments.js';
import { type PageWriter, writePage } from './write-page.js';

/** A page is not begun unless this many times its predecessor's duration is left. */
const RESERVE = 1.5;

/**
 * Reads and writes the segment that the lease is for, page by page, until it is done or the
 * deadline is near. The page after is fetched while one is written; the place is saved after
 * each. Whoever saves the last segment takes the job on.
 */
export async function readSegment(step: Step): Promise<StepResult> {
  const { context, lease, table, deadline } = step;
  const { clock } = context;
  const index = segmentIndex(lease.path);
  const writer = pageWriter(step);
  let segment = segmentOf(lease.job, index);
  // Whoever worked here before may have written this page without saving the place.
  let mayBeReplay = (leaseAt(lease.job, lease.path)?.fence ?? 1) > 1;
  let ahead: Promise<Row[]> | undefined = fetchPage(step, segment, segment.next);
  let began = clock.now();
  while (ahead) {
    const page: Row[] = await ahead;
    if (lease.signal.aborted) throw new AppError('SYNC_SUPERSEDED');
    const next = segment.next + page.length;
    const done = page.length === 0 || next === segment.end;
    ahead = done ? undefined : fetchPage(step, segment, next);

    const counts = await writePage(writer, page);
    if (mayBeReplay) counts.replayed = page.length;
    mayBeReplay = false;
    const state = done ? 'done' : 'open';
    segment = { ...segment, next, state, counts: addCounts(segment.counts, counts) };
    await savePlace(step, index, segment, [...writer.decoder.unknownColumns]);
    const took = clock.now() - began;
    began = clock.now();
    if (!done && began + RESERVE * took >= deadline) return 'pause';
  }
  context.log.debug({ table: table.tableId, segment: index }, 'segment done');
  return 'next';
}

function pageWriter({ context, lease, table, deadline }: Step): PageWriter {
  const { job } = lease;
  return {
    context,
    job,
    decoder: compileDecoder(table),
    rejects: createRejectStore(context, job.tableId, String(job._id)),
    scope: { clock: context.clock, deadline, signal: lease.signal },
  };
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
  segment: Segment,
  offset: number,
): Promise<Row[]> {
  const { batchSize, query } = lease.job;
  const limit = segment.end === null ? batchSize : Math.min(batchSize, segment.end - offset);
  const place = { offset, limit, deadline, signal: lease.signal };
  const page = context.lake.compass.page(queryOf(query).id, place);
  // It may fail while its predecessor is being written, before anybody waits for it.
  page.catch(() => undefined);
  return page;
}

function queryOf(query: LakeQuery | undefined): LakeQuery {
  if (!query) throw new Error('reading without a query');
  return query;
}
