import type { Lake, Row } from '../../dev/lake/index.js';
import type { Late, Pick, Values, WmsCommand } from './commands.js';
import { WAREHOUSES } from './commands.js';
import type { Subject } from './subjects.js';

interface Identity {
  readonly whseid: string;
  readonly key: string;
  readonly serial: number;
}

/** What the WMS knows of one of its records. Times are epoch milliseconds of the lake's clock. */
interface Tracked extends Identity {
  live: boolean;
  /** When its newest version was indexed, and its newest live one. */
  at: number;
  liveAt: number;
  /** Its delete does not say which business key it had. */
  nameless?: boolean;
}

const LINE = '00001';
/** Never given out twice, so that the histories of one backend have nothing in common. */
let lastNumber = 0;

/**
 * The WMS behind the lake: it changes records as commands say and keeps to what a WMS and its
 * lake keep to. Versions of a record are indexed in their order, and nothing comes in later
 * than the shortest lookback allows.
 */
export class Wms {
  readonly #lake: Lake;
  readonly #subject: Subject;
  readonly #lookbackMs: number;
  readonly #records: Tracked[] = [];
  /** Keys that two records used at once, and which the one that runs took was deleted of. */
  readonly #uncertain = new Map<string, Identity>();
  /** Variations that have been added. */
  #versions = 0;

  constructor(lake: Lake, subject: Subject, lookbackMs: number) {
    this.#lake = lake;
    this.#subject = subject;
    this.#lookbackMs = lookbackMs;
  }

  /** How many variations the lake's object has: a point in its history. */
  get versions(): number {
    return this.#versions;
  }

  /**
   * Keys whose live row was read while another one had the key, and is not read again when
   * that one is deleted. Empties the list.
   */
  takeUncertain(): Identity[] {
    const records = [...this.#uncertain.values()];
    this.#uncertain.clear();
    return records;
  }

  /** @returns whether there was a record that the command could be about */
  async apply(command: WmsCommand): Promise<boolean> {
    switch (command.do) {
      case 'insert':
        return this.#insert(command);
      case 'edit': {
        const records = this.#pick(command.pick, command.rows, ({ live }) => live);
        return this.#change(records, command.late, true, (where, options) =>
          this.#lake.edit(this.#object, where, this.#row(command.values), options),
        );
      }
      case 'delete': {
        const single = ({ key, live }: Tracked) => live && this.#living(key).length === 1;
        const records = this.#pick(command.pick, command.rows, single);
        const { keysOnly } = command;
        // Of a record that SERIALKEY tells apart its business key is gone then.
        for (const record of records) record.nameless = keysOnly && this.#subject.reusesKeys;
        return this.#change(records, command.late, false, (where, options) =>
          this.#lake.delete(this.#object, where, { ...options, keysOnly }),
        );
      }
      case 'revive': {
        const alone = ({ key, live, nameless }: Tracked) =>
          !live && !nameless && this.#living(key).length === 0;
        const records = this.#pick(command.pick, 1, alone);
        return this.#change(records, command.late, true, (where, options) =>
          this.#lake.revive(this.#object, where, this.#row(command.values), options),
        );
      }
      case 'reuse':
        return this.#reuse(command);
      case 'collide':
        return this.#collide(command.pick);
      case 'settle':
        return this.#settle(command.pick, command.gone);
      case 'wait':
        this.#lake.advance(command.ms);
        return true;
    }
  }

  get #object(): string {
    return this.#subject.object.name;
  }

  get #now(): number {
    return this.#lake.now().getTime();
  }

  async #insert({ warehouse, rows, values, added, late }: WmsCommand & { do: 'insert' }) {
    const whseid = WAREHOUSES[warehouse % WAREHOUSES.length] ?? WAREHOUSES[0];
    const addDate = added === 'now' ? this.#lake.now().toISOString() : added;
    const at = this.#now - late * this.#lookbackMs;
    const records = Array.from({ length: rows }, () => {
      lastNumber++;
      return { whseid, key: `K${String(lastNumber).padStart(9, '0')}`, serial: lastNumber };
    });
    await this.#add(records, { ADDDATE: addDate, ...this.#row(values) }, at);
    return true;
  }

  /** Adds live versions of records; of those that exist as well. */
  async #add(records: readonly Identity[], columns: Row, at: number): Promise<void> {
    const rows = records.map(({ whseid, key, serial }) => {
      const parts = this.#subject.table.key.map((name, place) => [name, place === 0 ? key : LINE]);
      return { SERIALKEY: serial, WHSEID: whseid, ...Object.fromEntries(parts), ...columns };
    });
    this.#versions += await this.#lake.insert(this.#object, rows, { at: new Date(at) });
    for (const record of records) {
      const known = this.#records.find(({ serial }) => serial === record.serial);
      if (known) Object.assign(known, { live: true, at, liveAt: at, nameless: false });
      else this.#records.push({ ...record, live: true, at, liveAt: at });
    }
  }

  async #change(
    records: readonly Tracked[],
    late: Late,
    live: boolean,
    write: (where: string, options: { at: Date }) => Promise<number>,
  ): Promise<boolean> {
    if (records.length === 0) return false;
    // Not before the versions that these follow; nor, to live, before other records' of the key.
    const floor = records.flatMap((record) => [
      record.at,
      ...(live ? this.#ofKey(record.key).map(({ liveAt }) => liveAt) : []),
    ]);
    const at = Math.max(this.#now - late * this.#lookbackMs, ...floor);
    const written = await write(this.#where(records), { at: new Date(at) });
    if (written !== records.length) throw new Error(`${written} records instead of the picked`);
    this.#versions += written;
    for (const record of records) {
      Object.assign(record, { live, at, ...(live && { liveAt: at }) });
    }
    return true;
  }

  async #reuse({ pick, first, gapMs, thenDelete, late }: WmsCommand & { do: 'reuse' }) {
    const [record] = this.#pick(pick, 1, ({ key }) => this.#living(key).length < 2);
    if (!record) return false;
    const [old] = this.#living(record.key);
    const insertFirst = old !== undefined && first === 'insert' && this.#subject.reusesKeys;
    if (old && !insertFirst) await this.#delete(old);
    if (!insertFirst) this.#lake.advance(gapMs);
    const { whseid, key } = record;
    const serial = this.#subject.reusesKeys ? ++lastNumber : record.serial;
    const floor = this.#subject.reusesKeys ? 0 : record.at;
    const at = Math.max(this.#now - late * this.#lookbackMs, floor);
    await this.#add([{ whseid, key, serial }], { ADDDATE: this.#lake.now() }, at);
    if (old && insertFirst) {
      this.#lake.advance(gapMs);
      await this.#delete(old);
    }
    const added = this.#records.find((known) => known.serial === serial);
    if (thenDelete && added) await this.#delete(added);
    return true;
  }

  /** Only where deletes are told: else the row that remains could never be found out. */
  async #collide(pick: Pick): Promise<boolean> {
    if (!this.#subject.reusesKeys || !this.#subject.flagged) return false;
    const [record] = this.#pick(pick, 1, ({ key, live }) => live && this.#living(key).length < 2);
    if (!record) return false;
    const { whseid, key } = record;
    await this.#add([{ whseid, key, serial: ++lastNumber }], {}, this.#now);
    return true;
  }

  async #settle(pick: Pick, gone: 'older' | 'newer'): Promise<boolean> {
    const [record] = this.#pick(pick, 1, ({ key, live }) => live && this.#living(key).length > 1);
    if (!record) return false;
    const living = this.#living(record.key).sort((a, b) => a.serial - b.serial);
    const [oldest] = living;
    const leaving = gone === 'older' ? oldest : living.at(-1);
    if (!leaving) return false;
    const others = living.filter((other) => other !== leaving);
    if (others.some(({ serial, liveAt }) => serial < leaving.serial || liveAt <= leaving.liveAt)) {
      this.#uncertain.set(leaving.key, leaving);
    }
    return this.#delete(leaving);
  }

  #delete(record: Tracked): Promise<boolean> {
    return this.#change([record], 0, false, (where, options) =>
      this.#lake.delete(this.#object, where, options),
    );
  }

  #ofKey(key: string): Tracked[] {
    return this.#records.filter((record) => record.key === key);
  }

  #living(key: string): Tracked[] {
    return this.#ofKey(key).filter(({ live }) => live);
  }

  #pick(pick: Pick, count: number, suits: (record: Tracked) => boolean): Tracked[] {
    const suitable = this.#records.filter(suits);
    const start = suitable.length === 0 ? 0 : pick % suitable.length;
    return [...suitable.slice(start), ...suitable.slice(0, start)].slice(0, count);
  }

  #where(records: readonly Tracked[]): string {
    const { table, reusesKeys } = this.#subject;
    if (reusesKeys) return `"SERIALKEY" IN (${records.map(({ serial }) => serial).join()})`;
    return `"${table.key[0]}" IN (${records.map(({ key }) => `'${key}'`).join()})`;
  }

  #row(values: Values): Row {
    const { changing } = this.#subject;
    const entries = Object.entries(values) as [keyof Values, string | null][];
    return Object.fromEntries(entries.map(([kind, value]) => [changing[kind], value]));
  }
}
