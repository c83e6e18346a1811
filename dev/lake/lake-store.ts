import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeClock } from './clock.js';
import { type SeedOptions, seedObjects } from './seed/seed.js';
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
  /** What is filled when it is first named, since few queries look at every object. */
  #unfilled: readonly LakeObject[] = [];
  #seed: SeedOptions | undefined;

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
    await this.#run([], async (connection) => {
      for (const object of objects) {
        await createObject(connection, object);
        this.registry.set(object);
      }
      await createCatalogue(connection, this.#tenant, this.registry.names());
    });
  }

  async addColumn(name: string, column: LakeColumn): Promise<void> {
    await this.#run([name], async (connection) => {
      this.registry.set(await addColumn(connection, this.registry.get(name), column));
    });
  }

  /** Which objects `fill` fills, those of them that are WMS objects, and how. */
  seed(objects: readonly LakeObject[], options: SeedOptions): void {
    this.#unfilled = objects;
    this.#seed = options;
  }

  /** Fills the objects that are named in one of the texts, unless they were filled before. */
  async fill(texts: readonly string[]): Promise<void> {
    const seed = this.#seed;
    if (!seed || this.#unfilledOf(texts).length === 0) return;
    await this.database.write(async (connection) => {
      const named = this.#unfilledOf(texts);
      await seedObjects(connection, new Set(named), seed);
      this.#unfilled = this.#unfilled.filter((object) => !named.includes(object));
    });
  }

  /** Returns the number of rows. With a delay they become visible so many milliseconds later. */
  async insert(name: string, rows: readonly Row[], at: string, delayMs: number): Promise<number> {
    const insert: Work<number> = (connection) =>
      insertVariations(connection, this.registry.get(name), rows, at);
    if (delayMs <= 0) return this.#run([name], insert);
    this.#delay(name, insert, delayMs);
    return rows.length;
  }

  /** Returns how many records changed; with a delay, which decides that later, 0. */
  async change(name: string, change: Change, delayMs: number): Promise<number> {
    const apply: Work<number> = (connection) =>
      changeVariations(connection, this.registry.get(name), change);
    if (delayMs <= 0) return this.#run([name, textOf(change.where)], apply);
    this.#delay(name, apply, delayMs);
    return 0;
  }

  /** Hides records from queries or shows them again. Returns how many changed. */
  async setHidden(name: string, where: Row | string, hidden: boolean): Promise<number> {
    return this.#run([name, textOf(where)], (connection) => {
      const object = this.registry.get(name);
      return setHidden(connection, object, condition(object, where), hidden);
    });
  }

  async rows(name: string, options: ReadOptions): Promise<WireRow[]> {
    return this.#run([name, textOf(options.where)], (connection) =>
      readRows(connection, this.registry.get(name), options),
    );
  }

  async variations(name: string, where: Row | string | undefined): Promise<Variation[]> {
    return this.#run([name, textOf(where)], (connection) =>
      readVariations(connection, this.registry.get(name), where),
    );
  }

  /** Applies the delayed writes that have become visible by now, and fills what `sql` names. */
  async settleWrites(sql: string): Promise<void> {
    await this.#pending.settle();
    await this.fill([sql]);
  }

  close(): Promise<void> {
    return this.database.close();
  }

  async #run<T>(texts: readonly string[], work: Work<T>): Promise<T> {
    await this.#pending.settle();
    await this.fill(texts);
    return this.database.write(work);
  }

  #delay(name: string, work: Work<number>, delayMs: number): void {
    // A name that the lake lacks is refused now, as it is without a delay.
    this.registry.get(name);
    this.#pending.add(delayMs, async () => {
      await this.fill([name]);
      return this.database.write(work);
    });
  }

  #unfilledOf(texts: readonly string[]): LakeObject[] {
    return this.#unfilled.filter((object) => isNamed(object, texts));
  }
}

/** Whether one of the texts has the object's name; one that only looks like it does no harm. */
function isNamed({ name }: LakeObject, texts: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(lower));
}

function textOf(where: Row | string | undefined): string {
  return typeof where === 'string' ? where : '';
}
