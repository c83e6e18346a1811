/** SQL that the lake does not run: the query's job fails with this message. */
export class SqlRefusal extends Error {
  override readonly name = 'SqlRefusal';

  /** @param offset where in the client's SQL, counted from 0. */
  constructor(
    message: string,
    readonly offset: number | undefined,
    /** Infor's message code; 401 stands for an unknown property or a missing permission. */
    readonly code: string = '400',
  ) {
    super(message);
  }
}
