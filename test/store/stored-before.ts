import { readdir, readFile } from 'node:fs/promises';
import { mongo } from 'mongoose';
import type { Lake, LakeObject, Row } from '../../dev/lake/index.js';
import { CompassClient } from '../dev/lake/compass-client.js';

/**
 * What commit dc581de, the last one before src/store, had in MongoDB when a worker of it was
 * killed: a full run of Task Detail with 9 of its 20 rows written and a page on its way, a first
 * run of Orders that had stopped at two of five rows, and of Receipt a run that had ended and one
 * that had failed. `lake.json` is the lake that it read.
 */
const FOLDER = new URL('../fixtures/stored-before/', import.meta.url);
const LAKE_FILE = 'lake.json';

/** Longer than a lease, shorter than the bounds of a run. */
const AGE_MS = 10 * 60_000;

interface StoredLake {
  /** When the documents were read, by MongoDB's clock. */
  readonly takenAt: string;
  readonly now: string;
  readonly objects: readonly LakeObject[];
  readonly inserts: readonly {
    readonly object: string;
    readonly at: string;
    readonly rows: readonly Row[];
  }[];
}

const read = (file: string): Promise<string> => readFile(new URL(file, FOLDER), 'utf8');
// Written by this project only, in this shape.
const stored = JSON.parse(await read(LAKE_FILE)) as StoredLake;

/** Options of a lake that has no row yet. */
export const STORED_LAKE = { rows: 0, objects: stored.objects, now: stored.now } as const;

export async function fillLake(lake: Lake): Promise<void> {
  for (const { object, at, rows } of stored.inserts) await lake.insert(object, rows, { at });
}

/**
 * Puts the documents in place of whatever the database has of their collections, ten minutes old.
 * @param lake that has sent their queries and keeps the results; without it nobody knows them
 */
export async function storeDocuments(db: mongo.Db, lake?: Lake): Promise<void> {
  const files = (await readdir(FOLDER)).filter((file) => file !== LAKE_FILE);
  for (const file of files) {
    const collection = db.collection(file.replace('.json', ''));
    const text = await read(file);
    const known = lake ? await withKnownQueries(text, lake) : text;
    const documents = mongo.BSON.EJSON.parse(withPresentTimes(known), { relaxed: false });
    await collection.deleteMany({});
    await collection.insertMany(documents);
  }
}

/**
 * Documents expire, leases end and queries grow old: times by MongoDB's clock are put off by as
 * much as has gone by since. Those of the lake are earlier than any of them, and stay.
 */
function withPresentTimes(text: string): string {
  const lakeNow = Date.parse(stored.now);
  const by = Date.now() - AGE_MS - Date.parse(stored.takenAt);
  return text.replace(/(?<="\$date": \{ "\$numberLong": ")\d+/g, (ms) =>
    String(Number(ms) > lakeNow ? Number(ms) + by : Number(ms)),
  );
}

/** Sends each stored query to the lake, and gives it the id that the lake knows it by. */
async function withKnownQueries(text: string, lake: Lake): Promise<string> {
  const client = new CompassClient(lake);
  let known = text;
  for (const [, id = '', sql = ''] of text.matchAll(/"id": "(.+)",\s+"sql": (".+"),/g)) {
    known = known.replace(id, await client.ended(JSON.parse(sql)));
  }
  return known;
}
