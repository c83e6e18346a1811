/** What has to be closed in the end, last one first. */
export class Closers {
  readonly #open: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  add(close: () => unknown): void {
    this.#open.push(close);
  }

  /**
   * Closes everything, once; what fails does not keep the rest open.
   * @throws the first failure, in the end
   */
  readonly close = (): Promise<void> => {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  };

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#open.toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
