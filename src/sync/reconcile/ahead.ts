export interface Ahead<T> extends AsyncIterableIterator<T, void, void> {
  [Symbol.asyncIterator](): Ahead<T>;
  return(): Promise<IteratorResult<T, void>>;
}

/**
 * Reads a source one value ahead: the next value is requested while the caller processes the
 * present one, and the first at once. Ended by `return`, which `for await` calls.
 */
export function ahead<T>(source: AsyncGenerator<T, void, void>): Ahead<T> {
  const ask = () => {
    const next = source.next();
    // An error is thrown to the caller that awaits the value; until then it must not count as unhandled.
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
