import { mongo } from 'mongoose';
import { AppError } from '../../errors/app-error.js';
import { type Revised, revisionOf } from '../../models/revision.js';

/** One change of a document that has revisions. */
export class RevisionChange {
  readonly #id = new mongo.ObjectId();
  readonly #expected: readonly number[] | undefined;

  /** @param expected the revisions that the document may have; undefined: any */
  constructor(expected?: readonly number[]) {
    this.#expected = expected;
  }

  /**
   * The part of the update's filter that matches the document at an expected revision, but not if an
   * earlier attempt at this change, whose answer was lost, has changed it.
   */
  get filter() {
    return { changeId: { $ne: this.#id }, ...atRevision(this.#expected) };
  }

  /** The stage of the update's pipeline that raises the revision. */
  get stage() {
    const revision = { $add: [{ $ifNull: ['$revision', 1] }, 1] };
    return { $set: { revision, changeId: this.#id } };
  }

  /** Whether a document that has never been changed may be changed. */
  get allowsFirst(): boolean {
    return this.#expected?.includes(1) ?? true;
  }

  /**
   * Finds out why the filter has matched nothing.
   * @param present the document as it is now
   * @returns the document if this change has been made, null if there is none
   * @throws AppError REVISION_CHANGED
   */
  resolve<T extends Revised>(present: T | null): T | null {
    if (present && String(present.changeId) === String(this.#id)) return present;
    if (present && this.#expected) throw revisionChanged(present);
    return null;
  }
}

/** Matches a document at one of these revisions; undefined: at any. */
export function atRevision(expected: readonly number[] | undefined) {
  if (!expected) return {};
  const known = { revision: { $in: [...expected] } };
  return expected.includes(1) ? { $or: [known, { revision: { $exists: false } }] } : known;
}

export function revisionChanged(present: Revised | null): AppError {
  const revision = revisionOf(present);
  const message = `the present revision is ${revision}`;
  return new AppError('REVISION_CHANGED', undefined, {
    details: [{ field: 'If-Match', message, revision }],
  });
}
