import type { SharedState } from '../ion/shared-state.js';
import type { Pause } from './quota-rules.js';

/** The stored state of the quota when it was read; epoch milliseconds by MongoDB's clock. */
export interface QuotaReading extends Pause {
  readonly now: number;
  /** Times of the last queries, oldest first. */
  readonly turns: readonly number[];
  /** Number of all turns ever taken. */
  readonly turnCount: number;
}

/** The state of the quota that all instances share. Each call is one or two short operations. */
export interface QuotaStore {
  read(): Promise<QuotaReading>;
  /**
   * Stores the turns with one more than were read.
   * @returns false if another instance has taken a turn since
   */
  takeTurn(read: QuotaReading, turns: readonly number[]): Promise<boolean>;
  /** Stores a pause, unless a longer one is stored already. */
  pause(pause: Pause): Promise<void>;
}

/** @param source identifies tenant and gateway: each tenant has its own quota */
export function createQuotaStore(shared: SharedState, source: string): QuotaStore {
  return {
    async read() {
      const found = await shared(({ lakeQuotas }) => lakeQuotas.findOrCreate(source));
      const { now, turns = [], turnCount = 0, pausedUntil, pauseMs = 0 } = found;
      return {
        now: now.getTime(),
        turns: turns.map((turn) => turn.getTime()),
        turnCount,
        pausedUntil: pausedUntil?.getTime() ?? 0,
        pauseMs,
      };
    },
    takeTurn({ turnCount }, turns) {
      const dates = turns.map((turn) => new Date(turn));
      return shared(({ lakeQuotas }) => lakeQuotas.takeTurn(source, turnCount, dates));
    },
    pause({ pausedUntil, pauseMs }) {
      const until = new Date(pausedUntil);
      return shared(({ lakeQuotas }) => lakeQuotas.pause(source, until, pauseMs));
    },
  };
}
