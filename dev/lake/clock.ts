/** The lake's own clock. Unless it runs, it stands still until it is moved: tests know every time. */
export class LakeClock {
  readonly #startedAt: number | undefined;
  #ms: number;

  /** @param start ISO 8601. */
  constructor(start: string, { running = false } = {}) {
    this.#ms = Date.parse(start);
    if (Number.isNaN(this.#ms)) throw new Error(`${start} is no ISO 8601 time.`);
    this.#startedAt = running ? Date.now() : undefined;
  }

  now(): Date {
    const passed = this.#startedAt === undefined ? 0 : Date.now() - this.#startedAt;
    return new Date(this.#ms + passed);
  }

  /** @throws RangeError where that is no time; the clock stays as it is */
  advance(ms: number): Date {
    const moved = this.now().getTime() + ms;
    if (Number.isNaN(new Date(moved).getTime())) {
      throw new RangeError(`The clock cannot be moved by ${ms} ms.`);
    }
    this.#ms += ms;
    return this.now();
  }
}
