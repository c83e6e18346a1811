import { namesType } from './accept.js';

/**
 * A body of one JSON object per line (`application/x-ndjson`), sent as it is made: memory stays flat
 * however long it is. A failure in the middle breaks the answer off, so that the client sees that it is
 * not the whole.
 */
export class JsonLines {
  readonly #pages: AsyncIterable<readonly object[]>;

  constructor(pages: AsyncIterable<readonly object[]>) {
    this.#pages = pages;
  }

  /** @param onFailure is told of a failure after the first line; the status is sent by then */
  response(status: number, onFailure: (error: unknown) => void): Response {
    const headers = { 'Content-Type': 'application/x-ndjson; charset=utf-8' };
    return new Response(streamOf(texts(this.#pages, onFailure)), { status, headers });
  }
}

/** Whether a request's `Accept` names the type. */
export function acceptsJsonLines(headers: Headers): boolean {
  return namesType(headers, 'application/x-ndjson');
}

/** `ReadableStream.from`, which the types of browsers lack: the console is checked against the contract. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

async function* texts(
  pages: AsyncIterable<readonly object[]>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const page of pages) {
      const lines = page.map((one) => `${JSON.stringify(one)}\n`);
      if (lines.length > 0) yield encoder.encode(lines.join(''));
    }
  } catch (error) {
    onFailure(error);
    throw error;
  }
}
