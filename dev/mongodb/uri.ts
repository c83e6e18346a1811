const PARTS = /^(?<host>mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/;

/**
 * The connection string with `database` as its path. What the path said before stays in
 * force as `authSource`, since a user's credentials are looked up there by default.
 * @throws Error if `uri` is not a MongoDB connection string (its text is not repeated: it may hold a password).
 */
export function databaseUri(uri: string, database: string): string {
  const parts = PARTS.exec(uri)?.groups;
  if (!parts)
    throw new Error('This is not a MongoDB connection string (mongodb:// or mongodb+srv://).');
  const query = new URLSearchParams(parts.query ?? '');
  if (parts.host?.includes('@') && parts.database && !query.has('authSource')) {
    query.set('authSource', parts.database);
  }
  return `${parts.host}/${database}${query.size > 0 ? `?${query}` : ''}`;
}
