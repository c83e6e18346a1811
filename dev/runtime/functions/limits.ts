/** How long a function may take, in seconds. */
export interface Timeouts {
  readonly synchronous: number;
  readonly scheduled: number;
  readonly background: number;
}

/** What the platform states: none of it can be set there. */
export const TIMEOUTS: Timeouts = { synchronous: 60, scheduled: 30, background: 900 };

/** The longest payload of a background function; a longer one never starts it. */
export const BACKGROUND_BYTES = 256 * 1024;
