import { describe, expect, it } from 'vitest';
import { createDatabase, withoutOverruled } from '../../src/store/connection.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const { uri } = await testDatabase();

describe('what MongoDB acknowledges', () => {
  it.each([
    'w=0',
    'w=1&journal=false',
    'wtimeoutMS=1',
    'retryWrites=false',
    'readPreference=secondary&maxStalenessSeconds=120',
    'readPreference=secondaryPreferred&readPreferenceTags=dc:east',
    'readConcernLevel=available',
  ])('is held by a majority, whatever the connection string says (%s)', async (options) => {
    const separator = uri.includes('?') ? '&' : '?';
    const database = createDatabase(`${uri}${separator}${options}`, TABLES);
    const { configs } = await database.models();
    const client = configs.db.getClient();
    expect(client.options.writeConcern?.w).toBe('majority');
    expect(client.options.writeConcern).not.toHaveProperty('wtimeout');
    expect(client.options.writeConcern).not.toHaveProperty('j');
    expect(client.options.readPreference.mode).toBe('primary');
    expect(client.options.retryWrites).toBe(true);
    expect(client.options.readConcern).toBeUndefined();
    await configs.collection.insertOne({ tableId: options });
    expect(await configs.collection.countDocuments({ tableId: options })).toBe(1);
    await database.close();
  });

  it.each([
    ['mongodb://h/db?w=0', 'mongodb://h/db'],
    ['mongodb://h/db?authSource=admin&w=1&tls=true', 'mongodb://h/db?authSource=admin&tls=true'],
    ['mongodb+srv://h/db?retryWrites=true&appName=x', 'mongodb+srv://h/db?appName=x'],
    ['mongodb://h/db', 'mongodb://h/db'],
  ])('leaves the other options of %s alone', (given, kept) => {
    expect(withoutOverruled(given)).toBe(kept);
  });
});
