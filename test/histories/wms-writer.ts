import type { Lake, Row } from '../../dev/lake/index.js';
import type { Late, Values } from './commands.js';
import { IndexTimes } from './index-times.js';
import { type Identity, Records, type Tracked } from './records.js';
import type { Subject } from './subjects.js';

type Write = (where: string, options: { readonly at: Date }) => Promise<number>;

const LINE = '00001';

/** Writes versions of records into the lake, and keeps what the WMS knows of them. */
export class WmsWriter {
  readonly records: Records;
  readonly times: IndexTimes;
  readonly #lake: Lake;
  readonly #subject: Subject;
  #versions = 0;
  /** The lake decides when changes become visible: it has to be asked how many did. */
  #isDelayed = false;

  constructor(lake: Lake, subject: Subject, lookbackMs: number) {
    this.#lake = lake;
    this.#subject = subject;
    this.records = new Records(subject);
    this.times = new IndexTimes(lake, lookbackMs);
  }

  /** How many variations the lake's object has. */
  async versions(): Promise<number> {
    if (!this.#isDelayed) return this.#versions;
    return (await this.#lake.variations(this.#object)).length;
  }

  /** From here on changes take so long to become visible. */
  delay(share: Late): void {
    if (share === 0 && !this.#isDelayed) return;
    this.#isDelayed = true;
    this.times.delay(share);
  }

  /** Adds live versions of records; of those that exist as well. */
  async add(records: readonly Identity[], columns: Row, at: number): Promise<void> {
    const rows = records.map(({ whseid, key, serial }) => {
      const parts = this.#subject.table.key.map((name, place) => [name, place === 0 ? key : LINE]);
      return { SERIALKEY: serial, WHSEID: whseid, ...Object.fromEntries(parts), ...columns };
    });
    this.#versions += await this.#lake.insert(this.#object, rows, { at: new Date(at) });
    for (const record of records) this.records.add(record, at);
  }

  edit(records: readonly Tracked[], values: Values, late: Late): Promise<boolean> {
    return this.#change(records, late, true, (where, options) =>
      this.#lake.edit(this.#object, where, this.row(values), options),
    );
  }

  revive(records: readonly Tracked[], values: Values, late: Late): Promise<boolean> {
    return this.#change(records, late, true, (where, options) =>
      this.#lake.revive(this.#object, where, this.row(values), options),
    );
  }

  delete(records: readonly Tracked[], late: Late = 0, keysOnly = false): Promise<boolean> {
    // Of a record that SERIALKEY tells apart its business key is gone then.
    for (const record of records) record.nameless = keysOnly && this.#subject.reusesKeys;
    return this.#change(records, late, false, (where, options) =>
      this.#lake.delete(this.#object, where, { ...options, keysOnly }),
    );
  }

  /** A version that is indexed before the one that it follows; later ones are indexed as ever. */
  async goBack(record: Tracked, what: 'edit' | 'delete', values: Values, ms: number) {
    await this.#write([record], record.at - ms, (where, options) =>
      what === 'edit'
        ? this.#lake.edit(this.#object, where, this.row(values), options)
        : this.#lake.delete(this.#object, where, options),
    );
    record.live = what === 'edit';
  }

  async hide(records: readonly Tracked[]): Promise<void> {
    await this.#lake.hide(this.#object, this.records.where(records));
    for (const record of records) record.hidden = true;
  }

  async showAll(): Promise<void> {
    await this.#lake.show(this.#object);
    for (const record of this.records.all) record.hidden = false;
  }

  row(values: Values): Row {
    const { changing } = this.#subject;
    const entries = Object.entries(values) as [keyof Values, string | null][];
    return Object.fromEntries(entries.map(([kind, value]) => [changing[kind], value]));
  }

  get #object(): string {
    return this.#subject.object.name;
  }

  async #change(records: readonly Tracked[], late: Late, live: boolean, write: Write) {
    if (records.length === 0) return false;
    // Not before the versions that these follow; nor, to live, before other records' of the key.
    const floors = records.flatMap((record) => [
      record.at,
      ...(live ? this.records.ofKey(record.key).map(({ liveAt }) => liveAt) : []),
    ]);
    const at = this.times.at(late, ...floors);
    await this.#write(records, at, write);
    for (const record of records) {
      Object.assign(record, { live, at, ...(live && { liveAt: at }) });
    }
    return true;
  }

  async #write(records: readonly Tracked[], at: number, write: Write): Promise<void> {
    const written = await write(this.records.where(records), { at: new Date(at) });
    if (!this.#isDelayed && written !== records.length) {
      throw new Error(`${written} records instead of the picked`);
    }
    this.#versions += written;
  }
}
