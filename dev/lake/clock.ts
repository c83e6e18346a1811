/** The lake's own clock. It stands still until it is moved, so that tests know every time. */
export class LakeClock {
  #ms: number;

  /** @param start ISO 8601. */
  constructor(start: string) {
    this.#ms = Date.parse(start);
    if (Number.isNaN(this.#ms)) throw new Error(`${start} is no ISO 8601 time.`);
  }

  now(): Date {
    return new Date(this.#ms);
  }

  advance(ms: number): Date {
    this.#ms += ms;
    return this.now();
  }
}
