import type { mongo } from 'mongoose';

const DAY_MS = 86_400_000;

/**
 * Sets the time at which a table's documents were first found absent from the lake back by a day: a
 * delete takes two absences that are a lookback apart, and nobody wants to wait for it.
 */
export async function setBackAbsences(db: mongo.Db, tableId: string): Promise<void> {
  const absentSince = new Date(Date.now() - DAY_MS);
  const open = { tableId, kind: 'extra', open: true };
  await db.collection('syncdifferences').updateMany(open, { $set: { absentSince } });
}
