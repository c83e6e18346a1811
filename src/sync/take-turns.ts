import type { Types } from 'mongoose';
import { advance } from './advance.js';
import type { SyncContext } from './context.js';
import type { Turn } from './step.js';
import { within } from './time-box.js';

/** Milliseconds of a turn while other jobs wait for theirs. */
const TURN_MS = 3_000;
/** Milliseconds of its turn that a job waits for a query of the lake. */
const WAIT_MS = 500;

interface Limits {
  /** Epoch milliseconds at which slices end. */
  readonly sliceDeadline: number;
  /** Epoch milliseconds until which a slice's end is awaited. */
  readonly waitDeadline: number;
}

/**
 * Works on jobs in turns until each has ended, belongs to another worker or can't continue, or until
 * the deadline. A job whose query is still running gives up its turn. Never throws: one job's
 * failure doesn't affect the others.
 */
export async function takeTurns(
  context: SyncContext,
  jobIds: readonly Types.ObjectId[],
  limits: Limits,
): Promise<void> {
  const { sliceDeadline } = limits;
  const waiting = [...jobIds];
  for (let jobId = waiting.shift(); jobId; jobId = waiting.shift()) {
    const now = context.clock.now();
    if (now >= sliceDeadline) return;
    const turn = turnAt(now, sliceDeadline, waiting.length);
    if (await goesOn(context, jobId, turn, limits)) waiting.push(jobId);
  }
}

function turnAt(now: number, sliceDeadline: number, others: number): Turn {
  if (others === 0) return { ends: sliceDeadline, waitEnds: sliceDeadline };
  return {
    ends: Math.min(sliceDeadline, now + TURN_MS),
    waitEnds: Math.min(sliceDeadline, now + WAIT_MS),
  };
}

/** Gives a job one turn. @returns whether another turn is useful */
async function goesOn(
  context: SyncContext,
  jobId: Types.ObjectId,
  turn: Turn,
  { sliceDeadline, waitDeadline }: Limits,
): Promise<boolean> {
  try {
    const slice = advance(context, jobId, sliceDeadline, { turn });
    const { state, job } = await within(context.clock, waitDeadline, slice);
    return state === 'more' && job.finishing === undefined;
  } catch (error) {
    context.log.error({ err: error, jobId: String(jobId) }, 'inline slice failed');
    return false;
  }
}
