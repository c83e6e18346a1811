import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { RowDocument } from '../../src/models/row.js';
import { TABLES } from '../../src/tables/registry.js';
import { compareTable } from '../compare/compare.js';
import { expectAnswer } from '../test-sync-api/expect-answer.js';
import { failureOf } from '../test-sync-api/failure.js';
import { followJob } from '../test-sync-api/follow.js';
import { promised, startAnswer } from '../test-sync-api/shapes.js';
import { setBackAbsences } from './absences.js';
import { certificate, differencesText, showCertificate } from './certificate.js';
import { number } from './number.js';
import { type Demo, followOptions } from './sync-tables.js';

/** Its lake object has no delete flag. */
const TABLE = 'receiptdetail';
/** The first line of the first receipt: each lake has it. */
const DELETED = { WHSEID: 'wmwhse1', SERIALKEY: 1 };
/** A warehouse that each lake has, too. */
const HIDDEN = { WHSEID: 'wmwhse2' };
const DAY_MS = 86_400_000;

type Found = z.infer<typeof found>;
const found = z.looseObject({
  certificate,
  heldDeletes: z
    .looseObject({ hash: z.string(), deletes: z.number(), reasons: z.array(z.string()) })
    .nullish(),
});

/**
 * Lets MongoDB and the lake differ in ways that no incremental sync can see, and has reconciles find
 * and mend it: documents that were tampered with, a delete, and a mass delete that is held.
 * @returns what is not as it has to be
 */
export async function reconcile(demo: Demo): Promise<string[]> {
  const { backend, screen } = demo;
  const table = TABLES.find(({ tableId }) => tableId === TABLE);
  if (!table) throw new Error(`There is no table ${TABLE}.`);
  const { lake, db } = backend;
  const problems: string[] = [];
  const expect = async (what: string, isRight: (one: Found) => boolean) => {
    const result = await runReconcile(demo, what, isRight);
    if (!isRight(result)) problems.push(`Reconcile: "${what}" was not found`);
    return result;
  };

  await tamper(db.collection<RowDocument>(table.collection));
  await lake.delete(table.object, DELETED);
  for (const line of CHANGED) screen.line(line);
  await expect('tampered and deleted', ({ certificate: { counts, repaired } }) => {
    const { missing, stale, extra } = counts;
    return missing === 1 && stale === 1 && extra === 1 && repaired === 2;
  });
  await setBackAbsences(db, TABLE);
  for (const line of NOT_WAITED) screen.line(line);
  await expect('absent twice', ({ certificate: { verdict } }) => verdict === 'repaired');

  const hidden = await lake.hide(table.object, HIDDEN);
  screen.line(
    `\nNow the lake hides all ${number(hidden)} rows of ${HIDDEN.WHSEID}, as after a reload that failed.`,
  );
  const isAbsent = ({ certificate: { counts } }: Found) => counts.extra === hidden;
  await expect('warehouse absent', isAbsent);
  await setBackAbsences(db, TABLE);
  screen.line('Again the first absence is set back.');
  const { heldDeletes } = await expect(
    'warehouse absent twice',
    (one) => isAbsent(one) && one.certificate.held === hidden,
  );
  if (heldDeletes) await discard(demo, heldDeletes.hash);
  await lake.show(table.object);
  screen.line('The lake shows them again; not one of them was deleted in MongoDB.');
  const last = await expect('visible again', ({ certificate: { verdict } }) => verdict === 'equal');
  showCertificate(last.certificate, screen);
  const { differences } = await compareTable(lake, db, table);
  return [...problems, ...differences.map((difference) => `Reconcile: ${TABLE} ${difference}`)];
}

const CHANGED = [
  `In MongoDB one document of ${TABLE} is removed, and one has an older version put in its place.`,
  'In the lake a line is deleted. Its object has no delete flag: the row is just not there any more.',
];

/** What the demo has done instead of waiting. */
const NOT_WAITED = [
  'A row that is absent once may only be late. A delete takes two absences, a lookback (30 minutes)',
  'apart: instead of waiting, the demo has set the time of the first one back by a day.',
];

/** The oldest ones: an incremental run reads the newest again. */
async function tamper(rows: mongo.Collection<RowDocument>): Promise<void> {
  const live = { '_lake.deletedAt': { $exists: false }, SERIALKEY: { $ne: DELETED.SERIALKEY } };
  const [removed, older] = await rows.find(live).sort({ '_lake.modifiedAt': 1 }).limit(2).toArray();
  if (!removed || !older) throw new Error(`${TABLE} has too few documents.`);
  await rows.deleteOne({ _id: removed._id });
  const modifiedAt = new Date(older._lake.modifiedAt.getTime() - DAY_MS);
  await rows.updateOne(
    { _id: older._id },
    { $set: { '_lake.modifiedAt': modifiedAt, STATUS: '?' } },
  );
}

async function runReconcile(
  { client, screen }: Demo,
  label: string,
  isRight: (one: Found) => boolean,
): Promise<Found> {
  const began = performance.now();
  const body = { tableId: TABLE, mode: 'reconcile', repair: true };
  const reply = await client.call('sync-table', { body });
  if (reply.status === 202) {
    const { jobId } = promised(startAnswer, reply);
    await followJob(client, { jobId, tableId: TABLE }, followOptions(screen));
  } else if (reply.status !== 200) {
    throw failureOf('sync-table', reply);
  }
  const answer = await expectAnswer(client, 'sync-reconcile', { query: { tableId: TABLE } });
  const result = promised(found, answer);
  const mark = isRight(result) ? 'ok' : 'failed';
  screen.result(mark, label, performance.now() - began, textOf(result));
  return result;
}

function textOf({ certificate: shown, heldDeletes }: Found): string {
  const { verdict, repaired, remaining } = shown;
  const parts = [
    `${verdict}; differences: ${differencesText(shown)}`,
    `${number(repaired)} repaired`,
    `${number(remaining)} remain`,
    ...(heldDeletes
      ? [`${number(heldDeletes.deletes)} deletes are held (${heldDeletes.reasons.join(', ')})`]
      : []),
  ];
  return parts.join('; ');
}

async function discard({ client, screen }: Demo, hash: string): Promise<void> {
  const began = performance.now();
  const body = { action: 'discard-deletes', tableId: TABLE, hash };
  const reply = await expectAnswer(client, 'sync-control', { body });
  const { message } = promised(z.looseObject({ message: z.string() }), reply);
  screen.result('ok', 'POST sync-control', performance.now() - began, message);
}
