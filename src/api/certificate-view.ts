import type { DeleteList } from '../models/delete-list.js';
import type { Certificate } from '../models/reconcile.js';
import { CONFIRMABLE_MS } from '../store/delete-lists.js';
import type { StoredDifference } from '../store/differences.js';

type Fields = Record<string, unknown>;

/** A certificate as it is answered: it bears the id of its job. */
export function certificateView({ _id, ...certificate }: Certificate): Fields {
  return { jobId: String(_id), ...certificate };
}

/** What the statistics of a table say of its latest certificate. */
export function certificateSummary({ _id, verdict, asOf, remaining, held }: Certificate) {
  return { verdict, asOf, remaining, held, jobId: String(_id) };
}

/** A difference as it is answered. It has keys and times, and never a value of the row. */
export function differenceView({ _id, jobId, open: _, ...difference }: StoredDifference): Fields {
  return { _id: String(_id), ...difference, jobId: String(jobId) };
}

/** A list of deletes that somebody may confirm or discard, and until when. */
export function heldDeletesView({
  hash,
  jobId,
  deletes,
  documents,
  reasons,
  createdAt,
}: DeleteList) {
  const confirmableUntil = new Date(createdAt.getTime() + CONFIRMABLE_MS);
  return { hash, jobId: String(jobId), deletes, documents, reasons, createdAt, confirmableUntil };
}
