import type { Row } from '../datafabric/rows.js';
import { AppError } from '../errors/app-error.js';
import type { LakeQuery, Segment, SyncJob } from '../models/sync-job.js';
import { compileDecoder } from '../tables/decoder.js';
import type { Step, StepResult } from './context.js';
import { createRejectStore } from './rejects.js';
import { addCounts } from './segments.js';
import { type PageWriter, writePage } from './write-page.js';

/** A page is not begun unless this many times its predecessor's duration is left. */
const RESERVE = 1.5;

/**
 * Reads and writes the open segments, page by page, until all are done or the deadline is
 * near. The page after is fetched while one is written; the place is saved after each.
 */
export async function readSegments(step: Step): Promise<StepResult> {
  const { context, lease, table, deadline } = step;
  const { job } = lease;
  const decoder = compileDecoder(table);
  const rejects = createRejectStore(context, job.tableId, String(job._id));
  const scope = { clock: context.clock, deadline, signal: lease.signal };
  const writer: PageWriter = { context, job, decoder, rejects, scope };

  for (const index of job.segments.keys()) {
    if (!(await readSegment(step, writer, index))) return 'pause';
  }
  await lease.save({ phase: 'finishing' });
  return 'next';
}

/** @returns false where the deadline came first */
async function readSegment(step: Step, writer: PageWriter, index: number): Promise<boolean> {
  const { context, lease, deadline } = step;
  const { clock } = context;
  let segment = segmentOf(lease.job, index);
  // Whoever worked here before may have written this page without saving the place.
  let mayBeReplay = (lease.job.lease?.fence ?? 1) > 1;
  let ahead = segment.state === 'open' ? fetchPage(step, segment, segment.next) : undefined;
  let began = clock.now();
  try {
    while (ahead) {
      const page = await ahead;
      if (lease.signal.aborted) throw new AppError('SYNC_SUPERSEDED');
      const next = segment.next + page.length;
      const done = page.length === 0 || next === segment.end;
      ahead = done ? undefined : fetchPage(step, segment, next);

      const counts = await writePage(writer, page);
      if (mayBeReplay) counts.replayed = page.length;
      mayBeReplay = false;
      segment = {
        ...segment,
        next,
        state: done ? 'done' : 'open',
        counts: addCounts(segment.counts, counts),
      };
      await lease.save({ [`segments.${index}`]: segment, ...unknownColumns(writer) });
      const took = clock.now() - began;
      began = clock.now();
      if (!done && began + RESERVE * took >= deadline) return false;
    }
  } finally {
    // A page that nobody waits for any more must not bring the process down.
    ahead?.catch(() => undefined);
  }
  return true;
}

function segmentOf(job: SyncJob, index: number): Segment {
  const segment = job.segments[index];
  if (!segment) throw new Error(`job ${String(job._id)} has no segment ${index}`);
  return segment;
}

function fetchPage({ context, lease, deadline }: Step, segment: Segment, offset: number) {
  const { batchSize, query } = lease.job;
  const limit = segment.end === null ? batchSize : Math.min(batchSize, segment.end - offset);
  const page: Promise<Row[]> = context.lake.compass.page(queryOf(query).id, {
    offset,
    limit,
    deadline,
    signal: lease.signal,
  });
  return page;
}

function queryOf(query: LakeQuery | undefined): LakeQuery {
  if (!query) throw new Error('reading without a query');
  return query;
}

function unknownColumns({ decoder, job }: PageWriter): { unknownColumns?: string[] } {
  const { unknownColumns: met } = decoder;
  if (met.size === 0) return {};
  return { unknownColumns: [...new Set([...job.unknownColumns, ...met])].sort() };
}
