import { open, rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from './sql-text.js';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1 << 20;

/**
 * A query's frozen result in a file: one JSON object a line, each followed by a comma, so
 * that the bytes between two line starts, less the last comma, are the inside of a JSON array.
 */
export class Spool {
  readonly #path: string;
  /** Where each row starts, and at the end where the file ends. */
  readonly #starts: Float64Array;

  private constructor(path: string, starts: Float64Array) {
    this.#path = path;
    this.#starts = starts;
  }

  /** Runs a one-column SELECT of lines into a new file. */
  static async write(connection: DuckDBConnection, select: string, path: string): Promise<Spool> {
    // A CSV of one unquoted column is the fastest way out of the engine; JSON has no bare \x01.
    await connection.run(
      `COPY (${select}) TO ${literal(path)}
       (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\\x01')`,
    );
    return Spool.open(path);
  }

  /** Takes a file that is written already. */
  static async open(path: string): Promise<Spool> {
    return new Spool(path, await lineStarts(path));
  }

  get rows(): number {
    return this.#starts.length - 1;
  }

  /** The same result without its last rows; the file stays as it is. */
  withoutLast(rows: number): Spool {
    const kept = Math.max(0, this.rows - rows);
    return new Spool(this.#path, this.#starts.subarray(0, kept + 1));
  }

  /** How many rows from `offset` on fit into the limits; at least one while there are any. */
  fit(offset: number, maxRows: number, maxBytes: number): number {
    const from = Math.min(offset, this.rows);
    const last = Math.min(from + maxRows, this.rows);
    let low = Math.min(from + 1, last);
    let high = last;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#start(middle) - this.#start(from) <= maxBytes) low = middle;
      else high = middle - 1;
    }
    return low - from;
  }

  /** The rows as a JSON array. */
  async page(offset: number, rows: number): Promise<Buffer> {
    if (rows === 0) return Buffer.from('[]');
    const from = this.#start(offset);
    const length = this.#start(offset + rows) - from;
    // The comma and newline after the last row make room for the two brackets.
    const page = Buffer.allocUnsafe(length);
    page[0] = '['.charCodeAt(0);
    const file = await open(this.#path, 'r');
    try {
      await readFully(file, page.subarray(1), from, length - 2);
    } finally {
      await file.close();
    }
    page[length - 1] = ']'.charCodeAt(0);
    return page;
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  #start(row: number): number {
    return this.#starts[row] ?? 0;
  }
}

type File = Awaited<ReturnType<typeof open>>;

async function readFully(file: File, into: Buffer, at: number, length: number): Promise<void> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(into, done, length - done, at + done);
    if (bytesRead === 0) throw new Error('The spooled result is shorter than its index.');
    done += bytesRead;
  }
}

async function lineStarts(path: string): Promise<Float64Array> {
  const starts = [0];
  const file = await open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let at = 0;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, at);
      if (bytesRead === 0) break;
      const read = chunk.subarray(0, bytesRead);
      for (let end = read.indexOf(NEWLINE); end !== -1; end = read.indexOf(NEWLINE, end + 1)) {
        starts.push(at + end + 1);
      }
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return Float64Array.from(starts);
}
