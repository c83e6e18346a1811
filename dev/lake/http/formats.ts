import type { WireColumn } from '../store/wire.js';

export type PageFormat = 'json' | 'ndjson' | 'csv';

export const MEDIA_TYPES = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
} as const satisfies Record<PageFormat, string>;

export function formatOf(accept: string | undefined): PageFormat {
  if (accept?.includes(MEDIA_TYPES.ndjson)) return 'ndjson';
  return accept?.includes(MEDIA_TYPES.csv) ? 'csv' : 'json';
}

/** A page that is a JSON array with one row a line, in another format. */
export function inFormat(
  page: Buffer,
  format: PageFormat,
  columns: readonly WireColumn[],
): Buffer | string {
  switch (format) {
    case 'json':
      return page;
    case 'ndjson':
      return page.length === 2 ? '' : toNdjson(page);
    case 'csv':
      return toCsv(JSON.parse(page.toString('utf8')), columns);
  }
}

function toNdjson(page: Buffer): Buffer {
  // No row has a bare newline in it, so this finds what is between the rows and nothing else.
  const lines = page.subarray(1, -1).toString('latin1').replaceAll(',\n', '\n');
  return Buffer.from(`${lines}\n`, 'latin1');
}

/** NULL is an empty field, an empty text is a quoted one. */
function toCsv(rows: readonly Record<string, unknown>[], columns: readonly WireColumn[]): string {
  const names = columns.map((column) => column.name);
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

function csvField(value: unknown): string {
  if (value === undefined) return '';
  const text = String(value);
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
