import { TENANT } from './credentials.js';
import { seedObjects } from './seed/seed.js';
import { type Database, openDatabase } from './store/database.js';
import { addColumn, createCatalogue, createObject, ObjectRegistry } from './store/objects.js';
import { readRows, readVariations } from './store/reading.js';
import { type Change, changeVariations, insertVariations } from './store/variations.js';
import type { LakeColumn, LakeObject, ReadOptions, Row, Variation, WireRow } from './types.js';

/** The objects of a lake with all variations of their records. */
export class LakeStore {
  readonly registry = new ObjectRegistry();

  private constructor(readonly database: Database) {}

  /** @param folder what queries may write into; it must exist. */
  static async open(folder: string): Promise<LakeStore> {
    return new LakeStore(await openDatabase(folder));
  }

  async define(objects: readonly LakeObject[]): Promise<void> {
    await this.database.write(async (connection) => {
      for (const object of objects) {
        await createObject(connection, object);
        this.registry.set(object);
      }
      await createCatalogue(connection, TENANT, this.registry.names());
    });
  }

  async addColumn(name: string, column: LakeColumn): Promise<void> {
    await this.database.write(async (connection) => {
      this.registry.set(await addColumn(connection, this.registry.get(name), column));
    });
  }

  /** Fills those of `objects` that are WMS objects. */
  async seed(
    objects: readonly LakeObject[],
    options: { rows: number; seed: number; nowMs: number },
  ): Promise<void> {
    await this.database.write((connection) => seedObjects(connection, new Set(objects), options));
  }

  async insert(name: string, rows: readonly Row[], at: string): Promise<number> {
    return this.database.write((connection) =>
      insertVariations(connection, this.registry.get(name), rows, at),
    );
  }

  async change(name: string, change: Change): Promise<number> {
    return this.database.write((connection) =>
      changeVariations(connection, this.registry.get(name), change),
    );
  }

  async rows(name: string, options: ReadOptions): Promise<WireRow[]> {
    return this.database.write((connection) =>
      readRows(connection, this.registry.get(name), options),
    );
  }

  async variations(name: string, where: Row | string | undefined): Promise<Variation[]> {
    return this.database.write((connection) =>
      readVariations(connection, this.registry.get(name), where),
    );
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
