/** Replaces a stretch of the client's SQL; an insertion where start and end are equal. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface EditedSql {
  readonly text: string;
  /** Where in the client's SQL a place in the edited text comes from. */
  toSource(offset: number): number;
}

/** Applies edits that do not overlap. */
export function applyEdits(sql: string, edits: readonly Edit[]): EditedSql {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const pieces: string[] = [];
  const shifts: { from: number; source: number }[] = [];
  let done = 0;
  let length = 0;
  const push = (piece: string) => {
    pieces.push(piece);
    length += piece.length;
  };
  for (const { start, end, text } of ordered) {
    push(sql.slice(done, start));
    shifts.push({ from: length, source: start });
    push(text);
    shifts.push({ from: length, source: end });
    done = end;
  }
  push(sql.slice(done));
  return {
    text: pieces.join(''),
    toSource(offset) {
      const at = shifts.findLastIndex(({ from }) => from <= offset);
      const shift = shifts[at] ?? { from: 0, source: 0 };
      const inReplacement = at % 2 === 0;
      return inReplacement ? shift.source : shift.source + (offset - shift.from);
    },
  };
}
