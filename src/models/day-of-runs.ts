/** The runs that started on one day of UTC. */
export interface DayOfRuns {
  /** `2026-11-29` */
  readonly day: string;
  readonly runs: number;
  readonly failed: number;
  /** Rows read. */
  readonly rows: number;
  /** Of the runs that have ended, in milliseconds. */
  readonly durationMs: number;
}
