/** A name that is short enough for a cell or a sentence; what is longer is no name anybody gave. */
export function shorten(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most).trimEnd()}…` : text;
}
