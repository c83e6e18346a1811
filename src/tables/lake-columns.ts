/** The column in which the query delivers `infor.lastmodified()`. */
export const MODIFIED_COLUMN = 'LAKE_MODIFIED';

/** The only column of a row that is no JSON: the row's text as it came. */
export const UNPARSABLE_COLUMN = 'LAKE_UNPARSABLE';
