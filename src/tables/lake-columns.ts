/** The column in which the query returns `infor.lastmodified()`. */
export const MODIFIED_COLUMN = 'LAKE_MODIFIED';

/** The only column of a row that is not valid JSON: the row's original text. */
export const UNPARSABLE_COLUMN = 'LAKE_UNPARSABLE';
