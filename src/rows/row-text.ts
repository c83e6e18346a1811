/** The most characters of a row's text: at three bytes each it fits a MongoDB document (16 MB). */
const MOST = 4_000_000;
/** Characters of a value that a longer row's text keeps. */
const KEPT = 1_000;

/** JSON text of a value from the lake; a placeholder if it is nested too deeply to serialize. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '"(nested too deeply)"';
  }
}

/** JSON text of a row; if it would not fit a document, its long values are clipped. */
export function rowText(row: Readonly<Record<string, unknown>>): string {
  const text = whole(row);
  if (text !== undefined && text.length <= MOST) return text;
  const members = Object.entries(row).map(([name, value]) => {
    const json = jsonText(value);
    const kept = json.length <= KEPT ? json : JSON.stringify(`${json.slice(0, KEPT)} …`);
    return `${JSON.stringify(name)}:${kept}`;
  });
  return `{${members.join()}}`;
}

function whole(row: object): string | undefined {
  try {
    return JSON.stringify(row);
  } catch {
    return undefined;
  }
}
