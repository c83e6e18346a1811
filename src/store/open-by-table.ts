import type { mongo } from 'mongoose';

/** How many documents are open, by table; tables without any are left out. @throws what the driver throws */
export async function countOpenByTable<T extends { tableId: string; open?: boolean | undefined }>(
  collection: mongo.Collection<T>,
  tableIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const groups = await collection
    .aggregate<{ _id: string; open: number }>([
      { $match: { tableId: { $in: [...tableIds] }, open: true } },
      { $group: { _id: '$tableId', open: { $sum: 1 } } },
    ])
    .toArray();
  return new Map(groups.map(({ _id, open }) => [_id, open]));
}
