/** Counts what the histories came to, so that a generator that no longer reaches something shows. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  /** One line for each thing, sorted by name. */
  table(): string {
    const lines = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return lines.map(([what, times]) => `${String(times).padStart(8)}  ${what}`).join('\n');
  }
}
