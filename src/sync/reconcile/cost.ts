import type { Reconcile } from '../../models/reconcile.js';
import type { SyncJob } from '../../models/sync-job.js';
import type { JobUpdate } from '../../store/job-leases.js';
import type { Step } from '../step.js';

const NOTHING = { queries: 0, pages: 0, rowsRead: 0, workMs: 0 };

/** Counts what one step of a comparison costs. */
export class StepCost {
  readonly #step: Step;
  #from: number;
  queries = 0;
  pages = 0;
  rowsRead = 0;

  constructor(step: Step) {
    this.#step = step;
    this.#from = step.context.clock.now();
  }

  /** The job fields that save the cost so far; counting then starts at zero again. */
  take(): JobUpdate {
    const { session, context } = this.#step;
    const before = session.job.reconcile?.cost ?? NOTHING;
    const now = context.clock.now();
    const cost = {
      queries: before.queries + this.queries,
      pages: before.pages + this.pages,
      rowsRead: before.rowsRead + this.rowsRead,
      workMs: before.workMs + Math.max(0, now - this.#from),
    };
    this.queries = 0;
    this.pages = 0;
    this.rowsRead = 0;
    this.#from = now;
    return { 'reconcile.cost': cost };
  }
}

/** The reconcile state, which a job in one of these phases always has. */
export function reconcileOf(job: SyncJob): Reconcile {
  if (!job.reconcile) throw new Error(`the job is in phase ${job.phase}, and does not reconcile`);
  return job.reconcile;
}
