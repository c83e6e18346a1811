interface Ahead<T> extends AsyncIterableIterator<T, void, void> {
  [Symbol.asyncIterator](): Ahead<T>;
  return(): Promise<IteratorResult<T, void>>;
}

/**
 * Passes on what a source brings, and asks it for the next value while the one before is worked on;
 * for the first at once. Ended by `return`, which `for await` calls.
 */
export function ahead<T>(source: AsyncGenerator<T, void, void>): Ahead<T> {
  const ask = () => {
    const next = source.next();
    // Thrown to whoever takes it; until then, or if nobody does, it is nobody's.
    next.catch(() => undefined);
    return next;
  };
  let next = ask();
  return {
    async next() {
      const result = await next;
      if (!result.done) next = ask();
      return result;
    },
    return: () => source.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
