/** What a function has answered. */
export interface ApiReply {
  readonly status: number;
  /** The parsed JSON; undefined where the answer is none. */
  readonly body: unknown;
  readonly text: string;
}
