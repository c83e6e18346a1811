import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeClock } from './clock.js';
import { seedObjects } from './seed/seed.js';
import { type Database, openDatabase } from './store/database.js';
import { setHidden } from './store/hidden.js';
import { addColumn, createCatalogue, createObject, ObjectRegistry } from './store/objects.js';
import { PendingWrites } from './store/pending-writes.js';
import { readRows, readVariations } from './store/reading.js';
import { type Change, changeVariations, condition, insertVariations } from './store/variations.js';
import type { LakeColumn, LakeObject, ReadOptions, Row, Variation, WireRow } from './types.js';

type Work<T> = (connection: DuckDBConnection) => Promise<T>;

interface OpenOptions {
  /** What queries may write into; it must exist. */
  readonly folder: string;
  readonly tenant: string;
  readonly clock: LakeClock;
  /** Of the engine, a query. */
  readonly threads: 1 | 2;
}

/** The objects of a lake with all variations of their records. */
export class LakeStore {
  readonly registry = new ObjectRegistry();
  readonly #tenant: string;
  readonly #pending: PendingWrites;

  private constructor(
    readonly database: Database,
    { tenant, clock }: OpenOptions,
  ) {
    this.#tenant = tenant;
    this.#pending = new PendingWrites(clock);
  }

  static async open(options: OpenOptions): Promise<LakeStore> {
    return new LakeStore(await openDatabase(options.folder, options.threads), options);
  }

  async define(objects: readonly LakeObject[]): Promise<void> {
    await this.#run(async (connection) => {
      for (const object of objects) {
        await createObject(connection, object);
        this.registry.set(object);
      }
      await createCatalogue(connection, this.#tenant, this.registry.names());
    });
  }

  async addColumn(name: string, column: LakeColumn): Promise<void> {
    await this.#run(async (connection) => {
      this.registry.set(await addColumn(connection, this.registry.get(name), column));
    });
  }

  /** Fills those of `objects` that are WMS objects. */
  async seed(
    objects: readonly LakeObject[],
    options: { rows: number; seed: number; indexBatch: number; nowMs: number },
  ): Promise<void> {
    await this.#run((connection) => seedObjects(connection, new Set(objects), options));
  }

  /** Returns the number of rows. With a delay they become visible so many milliseconds later. */
  async insert(name: string, rows: readonly Row[], at: string, delayMs: number): Promise<number> {
    const insert: Work<number> = (connection) =>
      insertVariations(connection, this.registry.get(name), rows, at);
    if (delayMs <= 0) return this.#run(insert);
    this.#delay(name, insert, delayMs);
    return rows.length;
  }

  /** Returns how many records changed; with a delay, which decides that later, 0. */
  async change(name: string, change: Change, delayMs: number): Promise<number> {
    const apply: Work<number> = (connection) =>
      changeVariations(connection, this.registry.get(name), change);
    if (delayMs <= 0) return this.#run(apply);
    this.#delay(name, apply, delayMs);
    return 0;
  }

  /** Hides records from queries or shows them again. Returns how many changed. */
  async setHidden(name: string, where: Row | string, hidden: boolean): Promise<number> {
    return this.#run((connection) => {
      const object = this.registry.get(name);
      return setHidden(connection, object, condition(object, where), hidden);
    });
  }

  async rows(name: string, options: ReadOptions): Promise<WireRow[]> {
    return this.#run((connection) => readRows(connection, this.registry.get(name), options));
  }

  async variations(name: string, where: Row | string | undefined): Promise<Variation[]> {
    return this.#run((connection) => readVariations(connection, this.registry.get(name), where));
  }

  /** Applies the delayed writes that have become visible by now. */
  settleWrites(): Promise<void> {
    return this.#pending.settle();
  }

  close(): Promise<void> {
    return this.database.close();
  }

  async #run<T>(work: Work<T>): Promise<T> {
    await this.#pending.settle();
    return this.database.write(work);
  }

  #delay(name: string, work: Work<number>, delayMs: number): void {
    // A name that the lake lacks is refused now, as it is without a delay.
    this.registry.get(name);
    this.#pending.add(delayMs, () => this.database.write(work));
  }
}
