import { mongo } from 'mongoose';
import type { RowDocument } from '../src/models/row.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { answerParent } from './child.js';
import { runQuery } from './lake-query.js';
import { readPages } from './read-floor.js';
import { environmentOf, type Place } from './settings.js';
import { type Spent, stopwatch } from './stopwatch.js';

export interface ByHand {
  readonly spent: Spent;
  /** Memory that it took at its peak, above what the process had at its start. */
  readonly peakBytes: number;
  /** Keys that are on one side only, or in another version. */
  readonly different: number;
}

const SQL = `SELECT WHSEID, TASKDETAILKEY, infor.lastmodified() AS lastmodified FROM ${taskdetail.object}`;
/** As many as a page of 10 MB holds for certain. */
const PAGE_ROWS = 50_000;

/** The comparison that one would write: key and version of every row, from both sides, in a map. */
async function measure(place: Place): Promise<ByHand> {
  const atStart = process.memoryUsage.rss();
  const elapsed = stopwatch();
  const versions = new Map<string, number>();
  const result = await runQuery(place, SQL);
  for await (const { rows } of readPages({ ...result, limit: PAGE_ROWS })) {
    for (const { WHSEID, TASKDETAILKEY, lastmodified } of rows) {
      versions.set(`${WHSEID}|${TASKDETAILKEY}`, Date.parse(`${lastmodified}`));
    }
  }
  const client = await mongo.MongoClient.connect(environmentOf(place).MONGODB_URI);
  const stored = client
    .db()
    .collection<RowDocument>(taskdetail.collection)
    .find(
      { '_lake.deletedAt': { $exists: false } },
      { projection: { WHSEID: 1, TASKDETAILKEY: 1, '_lake.modifiedAt': 1 }, batchSize: 10_000 },
    );
  let different = 0;
  for await (const { WHSEID, TASKDETAILKEY, _lake } of stored) {
    const key = `${WHSEID}|${TASKDETAILKEY}`;
    if (versions.get(key) !== _lake.modifiedAt.getTime()) different++;
    versions.delete(key);
  }
  different += versions.size;
  const spent = elapsed();
  await client.close();
  return { spent, peakBytes: process.resourceUsage().maxRSS * 1024 - atStart, different };
}

await answerParent(measure);
