import type { Timeouts } from './functions/limits.js';

/** What the host process is told when it starts. Its environment is the functions' own. */
export interface HostOptions {
  readonly projectRoot: string;
  /** Undefined: the one of netlify.toml. */
  readonly functionsDirectory: string | undefined;
  readonly buildFolder: string;
  readonly port: number;
  readonly ownHostsOnly: boolean;
  readonly timeouts: Timeouts;
  readonly rerunPausesMs: readonly number[];
}

export interface TickRequest {
  readonly tick: string;
  readonly id: number;
}

export type HostMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'ticked';
      readonly id: number;
      readonly status: number;
      /** The answer's text, or why there is none (status 0). */
      readonly text: string;
    };
