import type { mongo } from 'mongoose';
import type { Pick } from '../commands.js';
import type { Scene } from '../stage.js';
import type { Tampering } from './commands.js';

let lastInvented = 0;

/** @returns whether there was something that it could be done to */
export async function tamper(how: Tampering, scene: Scene): Promise<boolean> {
  const { db } = scene.backend;
  const { tableId, collection, key } = scene.subject.table;
  const rows = db.collection<mongo.Document & { _id: string }>(collection);
  const all = await scene.documents();
  const isOurs = ({ _lake }: mongo.Document) => _lake?.modifiedAt instanceof Date;
  const isLive = (one: mongo.Document) => isOurs(one) && !one._lake.deletedAt;
  const live = (at: Pick, count = 1) => picked(all.filter(isLive), at, count);
  const change = async (documents: readonly mongo.Document[], set: mongo.Document) => {
    for (const { _id } of documents) await rows.updateOne({ _id }, set);
    return documents.length > 0;
  };
  switch (how.do) {
    case 'remove': {
      const _id = { $in: live(how.pick, how.documents).map((one) => String(one._id)) };
      return (await rows.deleteMany({ _id })).deletedCount > 0;
    }
    case 'moveVersion': {
      const documents = live(how.pick);
      const at = (documents[0]?._lake.modifiedAt as Date | undefined)?.getTime() ?? 0;
      return change(documents, { $set: { '_lake.modifiedAt': new Date(at + how.ms) } });
    }
    case 'changeSerialKey':
      return change(live(how.pick), { $inc: { SERIALKEY: 1_000_000 } });
    case 'disown':
      return change(live(how.pick), { $unset: { _lake: '' } });
    case 'invent': {
      const [model] = live(how.pick);
      if (!model) return false;
      for (let nth = 0; nth < how.documents; nth++) {
        const name = `X${++lastInvented}`;
        const parts = [name, ...String(model._id).split('|').slice(2)];
        const columns = key.map((column, place) => [column, parts[place] ?? name]);
        const _id = [model.WHSEID, ...parts].join('|');
        const SERIALKEY = 2_000_000 + lastInvented;
        await rows.insertOne({ ...model, ...Object.fromEntries(columns), _id, SERIALKEY });
      }
      return true;
    }
    case 'markDeleted':
      return change(live(how.pick), { $set: { '_lake.deletedAt': new Date(0) } });
    case 'unmarkDeleted': {
      const marked = all.filter((one) => isOurs(one) && one._lake.deletedAt);
      return change(picked(marked, how.pick, 1), { $unset: { '_lake.deletedAt': '' } });
    }
    case 'dropCollection':
      await rows.drop();
      return true;
    case 'forwardWatermark': {
      const { watermark } = await scene.config();
      if (!watermark) return false;
      const latest = Math.min(scene.backend.lake.now().getTime(), Date.now() - 1);
      const later = new Date(Math.min(watermark.getTime() + how.ms, latest));
      if (later <= watermark) return false;
      await db.collection('syncconfigs').updateOne({ tableId }, { $set: { watermark: later } });
      return true;
    }
  }
}

function picked<T>(among: readonly T[], pick: Pick, count: number): T[] {
  const start = among.length === 0 ? 0 : pick % among.length;
  return [...among.slice(start), ...among.slice(0, start)].slice(0, count);
}
