import type { Types } from 'mongoose';
import { advance } from './advance.js';
import type { SyncContext } from './context.js';
import type { Turn } from './step.js';
import { within } from './time-box.js';

/** Milliseconds of a turn, while other jobs wait for theirs. */
const TURN_MS = 3_000;
/** How much of its turn a job waits for a query of the lake. */
const WAIT_MS = 500;

interface Limits {
  /** Epoch milliseconds: slices end there. */
  readonly sliceDeadline: number;
  /** Epoch milliseconds: a slice that goes on longer is no longer waited for. */
  readonly waitDeadline: number;
}

/**
 * Works on jobs in turns until each has ended, is another worker's, or can't go on, or until the
 * deadline. A job whose query is still running gives its turn away. Nothing is thrown: one job's
 * failure is no matter of the others.
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

/** @returns whether another turn is of use */
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
