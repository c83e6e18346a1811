import type { mongo } from 'mongoose';
import type { Variation } from '../../../dev/lake/index.js';
import { highestById } from '../equality.js';
import type { Subject } from '../subjects.js';

export interface Truth {
  readonly subject: Subject;
  readonly variations: readonly Variation[];
  readonly documents: readonly mongo.Document[];
}

/** How a document differs from the lake: keys and versions only. */
export interface Fact {
  readonly id: string;
  readonly whseid: string;
  readonly kind: 'missing' | 'version' | 'extra' | 'collision' | 'foreign';
  readonly says: string;
  /** What the lake has under the key: places of its newest variations, and their index times. */
  readonly places: readonly number[];
  readonly times: readonly number[];
}

/** Everything in which keys and versions of live rows and live documents differ. */
export function facts({ subject, variations, documents }: Truth): Fact[] {
  const records = highestById({ subject, variations });
  const stored = new Map(documents.map((document) => [String(document._id), document]));
  const ids = new Set([...records.keys(), ...stored.keys()]);
  return [...ids].flatMap((id) => {
    const known = records.get(id) ?? [];
    const live = known.filter(({ deleted }) => !deleted);
    const document = stored.get(id);
    const found = difference(live, document);
    if (!found) return [];
    return [
      {
        id,
        whseid: id.split('|')[0] ?? '',
        ...found,
        places: known.map(({ version }) => version),
        times: known.map(({ lastModified }) => Date.parse(lastModified)),
      },
    ];
  });
}

function difference(
  live: readonly Variation[],
  document: mongo.Document | undefined,
): Pick<Fact, 'kind' | 'says'> | undefined {
  const modifiedAt = document?._lake?.modifiedAt;
  if (document && !(modifiedAt instanceof Date)) return { kind: 'foreign', says: 'no version' };
  const isLive = document !== undefined && !(document._lake.deletedAt instanceof Date);
  if (live.length > 1) return { kind: 'collision', says: `${live.length} live rows` };
  const [row] = live;
  if (!row) return isLive ? { kind: 'extra', says: versionOf(document) } : undefined;
  if (!isLive) return { kind: 'missing', says: document ? 'deleted' : 'no document' };
  const version = `${row.lastModified} ${row.values.SERIALKEY}`;
  if (versionOf(document) === version) return undefined;
  return { kind: 'version', says: `${versionOf(document)} instead of ${version}` };
}

function versionOf(document: mongo.Document): string {
  return `${document._lake.modifiedAt.toISOString()} ${document.SERIALKEY}`;
}

/** Live rows whose document is marked as deleted because they were not seen. */
export function lostToInferredDeletes({ subject, variations, documents }: Truth): string[] {
  const records = highestById({ subject, variations });
  return documents.flatMap(({ _id, _lake }) => {
    const isInferred = _lake?.inferredAt instanceof Date && _lake.deletedAt instanceof Date;
    const live = (records.get(String(_id)) ?? []).filter(({ deleted }) => !deleted);
    return isInferred && live.length > 0
      ? [`${_id}: ${JSON.stringify(_lake)}, but live since ${live[0]?.lastModified}`]
      : [];
  });
}
