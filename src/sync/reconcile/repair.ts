import { compileDecoder, type DecodedRow } from '../../rows/decoder.js';
import { deleteExpiry } from '../../rows/guarded-write.js';
import { withOtherContent } from '../../rows/stored-content.js';
import { createPageWriter, decodePage, writePage } from '../../rows/write-page.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import type { Step } from '../step.js';
import { writingOf } from '../writing.js';
import type { Classified } from './candidate.js';
import { isSameVersion } from './same-version.js';

/** Documents behind the lake, written like any row; others are replaced in their exact version. */
const BEHIND: readonly string[] = ['missing', 'stale'];
const REPAIRABLE: readonly string[] = [...BEHIND, 'newer', 'content'];

/**
 * Repairs documents that the lake has a row for: those behind the lake by the usual guarded write;
 * the others, and those that the guard refuses, by replacing exactly the version compared.
 * @param askedAt MongoDB's time before the lake was queried for the rows
 * @returns keys of documents that now equal the lake's rows
 */
export async function repairRows(
  step: Step,
  classified: readonly Classified[],
  askedAt: Date,
): Promise<ReadonlySet<string>> {
  const { context, session, table } = step;
  const { job } = session;
  const rows = classified.flatMap(({ candidate: { key, stored }, found }) => {
    const row = 'row' in found ? found.row : undefined;
    return row && REPAIRABLE.includes(found.kind) ? [{ key, stored, row, kind: found.kind }] : [];
  });
  if (rows.length === 0) return new Set();
  const comparison = context.store.comparison(job.tableId);
  const writing = { ...writingOf(job), evidenceAt: askedAt };
  const behind = rows.filter(({ kind }) => BEHIND.includes(kind));
  if (behind.length > 0) {
    const writer = createPageWriter(context, { ...writing, expected: 'changed' });
    await writePage(
      writer,
      decodePage(
        writer.decoder,
        behind.map(({ row }) => row.raw),
      ),
    );
  }

  const present = () => comparison.versions(rows.map(({ key }) => key));
  const { decode } = compileDecoder(table, writing);
  const written = await present();
  for (const one of rows) {
    const { key, stored, row } = one;
    const isDone = one.kind !== 'content' && isAsInLake(one, written.get(key));
    if (!stored || isDone) continue;
    if (row.deleted) {
      // Marked as inferred at `askedAt`: a row that the lake shows later replaces this delete,
      // whatever its version.
      const modifiedAt = new Date(row.modifiedMs);
      const expireAt = job.deleteMode === 'hard' ? deleteExpiry(modifiedAt) : undefined;
      const about = { modifiedAt, epoch: writing.epoch, expireAt };
      await comparison.deleteVersions([{ compared: stored, inferredAt: askedAt }], about);
      continue;
    }
    const decoded = decode(row.raw);
    if (decoded.ok) await comparison.replaceVersion(decoded.row.document, stored);
  }
  // The stored versions decide, not the results of the writes.
  const versions = await present();
  const done = rows.filter((one) => isAsInLake(one, versions.get(one.key)));
  const content = done.filter(({ kind }) => kind === 'content').map(({ row }) => row);
  const others = await withOtherContent(context.store.rows(job.tableId), content);
  const otherKeys = new Set(others.map(({ id }) => id));
  return new Set(done.map(({ key }) => key).filter((key) => !otherKeys.has(key)));
}

function isAsInLake(
  { row }: { readonly row: DecodedRow },
  stored: StoredVersion | undefined,
): boolean {
  return row.deleted ? stored === undefined || stored.deleted : isSameVersion(row, stored);
}
