import type { RawRequest } from '../raw-request.js';

/** What a function's thread is started with. */
export interface ThreadData {
  /** URL of the built module. */
  readonly module: string;
  /** How many calls have been sent to the thread; it sleeps on this number while it has none. */
  readonly sent: Int32Array<SharedArrayBuffer>;
  readonly siteUrl: string;
}

/** One call as it goes to the thread. */
export interface CallMessage extends Omit<RawRequest, 'url'> {
  readonly id: number;
  readonly url: string;
}

/** An error as it crosses from one thread to another. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: readonly string[];
}

export type ThreadMessage =
  | {
      readonly kind: 'ready';
      /** The cron text of a scheduled function. */
      readonly schedule: string | undefined;
    }
  | {
      readonly kind: 'answered';
      readonly id: number;
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly thrown: Thrown };
