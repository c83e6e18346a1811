import { mongo } from 'mongoose';
import type { RowDocument } from '../src/models/row.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { environmentOf, type Place } from './settings.js';

const HOUR_MS = 3_600_000;

/**
 * Makes documents of the synced table differ from the lake: by turns one is removed, one gets an
 * older version, one a newer.
 * @param count spread evenly over the keys, from a random first one on
 */
export async function tamper(place: Place, count: number): Promise<void> {
  const client = await mongo.MongoClient.connect(environmentOf(place).MONGODB_URI);
  try {
    const rows = client.db().collection<RowDocument>(taskdetail.collection);
    const step = Math.floor((await rows.estimatedDocumentCount()) / count);
    const first = Math.floor(Math.random() * step);
    const chosen: Pick<RowDocument, '_id' | '_lake'>[] = [];
    const projection = { '_lake.modifiedAt': 1 };
    const all = rows.find({}, { projection, sort: { _id: 1 }, batchSize: 10_000 });
    let at = 0;
    for await (const document of all) if (at++ % step === first) chosen.push(document);
    const operations = chosen.slice(0, count).map(({ _id, _lake: { modifiedAt } }, number) => {
      if (number % 3 === 0) return { deleteOne: { filter: { _id } } };
      const moved = modifiedAt.getTime() + (number % 3 === 1 ? -HOUR_MS : HOUR_MS);
      const update = { $set: { '_lake.modifiedAt': new Date(moved) } };
      return { updateOne: { filter: { _id }, update } };
    }) as mongo.AnyBulkWriteOperation<RowDocument>[];
    await rows.bulkWrite(operations);
  } finally {
    await client.close();
  }
}
