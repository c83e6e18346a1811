import type { ProofKind } from './reading.js';

/** Why a table is behind; see `BehindVerdict`. */
export const BEHIND_REASONS = [
  'never_complete',
  'not_proven',
  'rows_left',
  'overdue',
  'source_silent',
] as const;
export type BehindReason = (typeof BEHIND_REASONS)[number];

/** A certificate says that MongoDB equals the lake, and nothing known since contradicts it. */
export interface EqualVerdict {
  readonly kind: 'equal';
  /** The time that the certificate is about, by MongoDB's clock. */
  readonly asOf: Date;
  /** The run that issued the certificate. */
  readonly jobId: string;
}

/** The last run read every row of its range, and proved it. */
export interface ProvenVerdict {
  readonly kind: 'proven';
  /** The start of that run: rows that the lake indexed later may be missing. */
  readonly asOf: Date;
  readonly how: ProofKind;
}

/** The last comparison has left documents that differ from the lake. */
export interface DifferentVerdict {
  readonly kind: 'different';
  /** Documents. */
  readonly differences: number;
  /** When they were last compared; null: not known. */
  readonly asOf: Date | null;
}

/** Deletes wait until somebody confirms or discards them. */
export interface HeldVerdict {
  readonly kind: 'held';
  /** Documents. */
  readonly deletes: number;
  readonly since: Date;
}

/**
 * MongoDB lacks rows that it should have by now:
 * - `never_complete`: no run has read the whole table yet
 * - `not_proven`: the last run that ended did not prove that it read everything
 * - `rows_left`: the last run stopped at its row limit, so rows are known to be missing
 * - `overdue`: the last proven run is older than the schedule allows
 * - `source_silent`: the newest row is older than the setting `freshnessLimitMinutes`
 */
export interface BehindVerdict {
  readonly kind: 'behind';
  readonly reason: BehindReason;
  /** Everything is in MongoDB up to then, or since when the rows are missing; null: not known. */
  readonly since: Date | null;
  /** How old it may be, in minutes; null: the reason is no age. */
  readonly limitMinutes: number | null;
}

/** The last run failed, or none can be started. */
export interface FailingVerdict {
  readonly kind: 'failing';
  /** `start`: no run can be started. */
  readonly what: 'run' | 'start';
  /** Of the first of these failures, where that is known, or else of the last. */
  readonly since: Date;
  /** Failures in a row, at least 1. */
  readonly failures: number;
  /** For the user: what happened and what to do about it; null: the record doesn't say. */
  readonly error: string | null;
  readonly errorCode: string | null;
  /** The entry in the history; null: there is none. */
  readonly historyId: string | null;
}

/** The schedule does not run the table. */
export interface PausedVerdict {
  readonly kind: 'paused';
  /** `disabled`: its configuration is not enabled. `failures`: the schedule has given it up. */
  readonly by: 'request' | 'failures' | 'disabled';
  /** The stored reason, one sentence; null for a disabled table. */
  readonly reason: string | null;
}

/** Whether a table's documents in MongoDB can be trusted. A table of any verdict may be running. */
export type TableVerdict =
  | EqualVerdict
  | ProvenVerdict
  | DifferentVerdict
  | HeldVerdict
  | BehindVerdict
  | FailingVerdict
  | PausedVerdict
  | { readonly kind: 'never_run' }
  | { readonly kind: 'not_configured' };

export type VerdictKind = TableVerdict['kind'];

/** All kinds, the best first. */
export const VERDICT_KINDS = [
  'equal',
  'proven',
  'different',
  'held',
  'behind',
  'failing',
  'paused',
  'never_run',
  'not_configured',
] as const satisfies readonly VerdictKind[];
