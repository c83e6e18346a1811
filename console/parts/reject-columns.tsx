import { shorten } from '../format/shorten.js';
import { nameOf } from '../state/overview.js';
import type { Reject } from '../state/shapes.js';
import { texts } from '../texts.js';
import { Data } from './data.js';
import { RawRow } from './raw-row.js';
import { Sentence } from './sentence.js';
import type { Column } from './table.js';
import { Time } from './time.js';

const text = texts.rejects;

/** Why a row could not be stored, in words where the reason is a known one. */
function reasonText(reason: string): string {
  const known: Readonly<Record<string, string>> = text.reasons;
  return known[reason] ?? reason;
}

/** What a rejected row is called; a token with read access is not told. */
export function rowName({ identity, _id }: Reject): string {
  return shorten(identity ?? _id);
}

export const REJECT_COLUMNS: readonly Column<Reject>[] = [
  {
    title: text.columns.row,
    heads: true,
    cell: (reject) =>
      reject.identity === undefined ? (
        <span class="quiet">{text.hidden}</span>
      ) : (
        <span class="data">{rowName(reject)}</span>
      ),
  },
  {
    title: text.columns.table,
    cell: ({ tableId }) => <span class="data">{shorten(nameOf(tableId))}</span>,
  },
  {
    title: text.columns.why,
    cell: ({ reason, column, message, unreadable }) => (
      <>
        <span>
          {reasonText(reason)} {column && <code class="data">{shorten(column)}</code>}
        </span>
        {message !== undefined && (
          <span class="cause quiet">
            <Data text={message} most={200} />
          </span>
        )}
        <span class="cause quiet">{unreadable ? text.stored : text.notStored}</span>
      </>
    ),
  },
  { title: text.columns.found, cell: (reject) => <Found {...reject} /> },
  {
    title: text.columns.raw,
    cell: ({ raw }) =>
      raw === undefined ? <span class="quiet">{text.hidden}</span> : <RawRow row={raw} />,
  },
];

function Found({ firstSeenAt, lastSeenAt, resolvedAt, resolution }: Reject) {
  return (
    <>
      <Time at={lastSeenAt} />
      {firstSeenAt !== lastSeenAt && (
        <span class="cause quiet">
          <Sentence text={text.first} at={<Time at={firstSeenAt} />} />
        </span>
      )}
      {resolution && (
        <span class="cause quiet">
          <Sentence
            text={text.resolvedAt}
            how={text.resolutions[resolution]}
            at={<Time at={resolvedAt} />}
          />
        </span>
      )}
    </>
  );
}
