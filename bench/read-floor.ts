import { Agent, get } from 'node:http';
import { type Spent, stopwatch } from './stopwatch.js';

interface Pages {
  /** Of the result: offset and limit are added. */
  readonly url: string;
  readonly token: string;
  /** Rows asked for in one page. */
  readonly limit: number;
}

export interface ReadFloor {
  readonly spent: Spent;
  readonly pages: number;
  readonly bytes: number;
  readonly rows: number;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/**
 * The least that reading a result costs: every page over one kept connection, one after
 * another, each parsed.
 */
export async function readFloor(result: Pages): Promise<ReadFloor> {
  const elapsed = stopwatch();
  let pages = 0;
  let bytes = 0;
  let rows = 0;
  for await (const page of readPages(result)) {
    pages++;
    bytes += page.bytes;
    rows += page.rows.length;
  }
  return { spent: elapsed(), pages, bytes, rows };
}

/** The pages of a result up to the empty one. */
export async function* readPages({
  url,
  token,
  limit,
}: Pages): AsyncGenerator<{ rows: Rows; bytes: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${token}` };
  try {
    for (let offset = 0; ; ) {
      const body = await fetchBody(`${url}?offset=${offset}&limit=${limit}`, { agent, headers });
      const rows: Rows = JSON.parse(body.toString());
      if (rows.length === 0) return;
      yield { rows, bytes: body.length };
      offset += rows.length;
    }
  } finally {
    agent.destroy();
  }
}

function fetchBody(url: string, options: Parameters<typeof get>[1]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = get(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`The lake answered ${response.statusCode}.`));
      });
    });
    request.on('error', reject);
  });
}
