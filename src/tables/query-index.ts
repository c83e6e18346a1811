/** An index that answers a question of those who read the rows; syncs need none of them. */
export interface QueryIndex {
  readonly name: string;
  /** The question that it answers, in the words of the warehouse. */
  readonly question: string;
  /** Columns as they are stored, or `_lake.modifiedAt`, in the order of the index. */
  readonly keys: Readonly<Record<string, 1 | -1>>;
  /** Only documents whose text in this column sorts after a blank are in the index. */
  readonly unlessBlank?: string;
}

/** For readers that keep a copy, in the order in which they read; deletes are among the changes. */
export const changedSince: QueryIndex = {
  name: 'changed_since',
  question: 'What has changed since the last look?',
  keys: { '_lake.modifiedAt': 1, _id: 1 },
};
