import { randomBytes } from 'node:crypto';
import { mongo } from 'mongoose';
import { afterAll, inject } from 'vitest';
import { databaseUri } from '../../dev/mongodb/index.js';

export interface TestDatabase {
  readonly name: string;
  /** The connection string with the database's name in it, as MONGODB_URI has it. */
  readonly uri: string;
  readonly client: mongo.MongoClient;
  readonly db: mongo.Db;
}

/**
 * A database of the calling test file's own, connected, dropped after all its tests.
 * Call it at the top of the file: `const { db, uri } = await testDatabase();`
 */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const uri = databaseUri(inject('mongodbUri'), name);
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
  const db = client.db(name);
  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
  });
  await client.connect();
  return { name, uri, client, db };
}
