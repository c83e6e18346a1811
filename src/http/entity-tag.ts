import { AppError } from '../errors/app-error.js';

/** Longer lists than anybody sends. */
const LONGEST = 2_000;
/** One entity tag of a list, weak ones too, up to the comma after it or the end. */
const ENTITY_TAG = /[\t ]*(?:(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*)?(?:,|$)/iy;
/** A revision, with what a CDN appends to the tag of an answer that it compresses. */
const REVISION = /^([1-9]\d{0,14})(?:[-;].*)?$/;

/** The `ETag` of an answer that is one document: its revision, e.g. `"7"`. */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revisions that `If-Match` allows the document to have. Weak tags and the suffixes of CDNs
 * (`W/"7"`, `"7-df"`, `"7;gzip"`) name the same revision; a tag of another form names none.
 * @returns undefined if any will do: there is no such header, or it is `*`
 * @throws AppError VALIDATION_FAILED for a header that is no list of entity tags
 */
export function expectedRevisions(headers: Headers): readonly number[] | undefined {
  const header = headers.get('if-match');
  if (header === null || header === '*') return undefined;
  const tags = header.length > LONGEST ? [] : tagsOf(header);
  if (tags.length === 0) {
    const message = `must be *, or entity tags such as "7" in double quotes, at most ${LONGEST} characters`;
    throw new AppError('VALIDATION_FAILED', 'Check these fields: If-Match.', {
      details: [{ field: 'If-Match', message }],
    });
  }
  return tags.flatMap((tag) => {
    const revision = REVISION.exec(tag)?.[1];
    return revision === undefined ? [] : [Number(revision)];
  });
}

/** The opaque parts of the tags; none where the header is not a list of them. */
function tagsOf(header: string): string[] {
  const tags: string[] = [];
  ENTITY_TAG.lastIndex = 0;
  while (ENTITY_TAG.lastIndex < header.length) {
    const found = ENTITY_TAG.exec(header);
    if (!found) return [];
    // An empty element of a list means nothing.
    if (found[1] !== undefined) tags.push(found[1]);
  }
  return tags;
}
