import type { Types } from 'mongoose';

/** What tells one state of a document that users change from the next. */
export interface Revised {
  /** From 1; raised by each change that a user makes. Absent: 1. */
  revision?: number;
  /** Of the request that made the latest change. */
  changeId?: Types.ObjectId;
}

/** The revision of a stored document; of one that has never been changed, or is not there: 1. */
export function revisionOf(document: Revised | null | undefined): number {
  return document?.revision ?? 1;
}
