import { mongo } from 'mongoose';
import { dataQuery } from '../src/datafabric/query-builder.js';
import type { RowDocument } from '../src/models/row.js';
import { compileDecoder } from '../src/rows/decoder.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { answerParent } from './child.js';
import { runQuery } from './lake-query.js';
import { type ReadFloor, readFloor, readPages } from './read-floor.js';
import { environmentOf, type Place } from './settings.js';
import { addSpent, type Spent, stopwatch } from './stopwatch.js';
import { writeFloor } from './write-floor.js';

export interface FloorsInput extends Place {
  readonly pageRows: number;
}

export interface Floors {
  /** The lake's own time for the query, which no client can shorten. */
  readonly query: Spent;
  readonly read: ReadFloor;
  readonly write: Spent;
  readonly rewrite: Spent;
}

/** So many documents are decoded, then written: a million at once would be all garbage collection. */
const READY = 100_000;

/** Measures in a process of its own what reading and writing the rows cost at least. */
async function measure(input: FloorsInput): Promise<Floors> {
  const elapsed = stopwatch();
  const source = { object: taskdetail.object, serialKey: 'SERIALKEY', deleteFlag: false };
  const result = await runQuery(input, dataQuery(source, {}, {}));
  const query = elapsed();
  const pages = { ...result, limit: input.pageRows };
  const read = await readFloor(pages);

  const client = await mongo.MongoClient.connect(environmentOf(input).MONGODB_URI);
  const db = client.db();
  const collection = db.collection<RowDocument>(taskdetail.collection);
  const writeAll = async () => {
    let all: Spent = { ms: 0, cpuMs: 0 };
    for await (const documents of decoded(pages)) {
      all = addSpent(all, await writeFloor(collection, documents));
    }
    return all;
  };
  const write = await writeAll();
  const rewrite = await writeAll();
  await db.dropDatabase();
  await client.close();
  return { query, read, write, rewrite };
}

async function* decoded(pages: Parameters<typeof readPages>[0]): AsyncGenerator<RowDocument[]> {
  const { decode } = compileDecoder(taskdetail);
  let documents: RowDocument[] = [];
  for await (const { rows } of readPages(pages)) {
    for (const row of rows) {
      const result = decode(row);
      if (result.ok) documents.push(result.row.document);
    }
    if (documents.length < READY) continue;
    yield documents;
    documents = [];
  }
  yield documents;
}

await answerParent(measure);
