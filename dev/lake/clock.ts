/** Index times have years of four digits. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T00:00:00Z');

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

  /** @throws RangeError where the lake could not write that time; the clock stays as it is */
  advance(ms: number): Date {
    const moved = this.now().getTime() + ms;
    if (!(moved >= FIRST_MS && moved <= LAST_MS)) {
      throw new RangeError(`The clock cannot be moved by ${ms} ms.`);
    }
    this.#ms += ms;
    return this.now();
  }
}
