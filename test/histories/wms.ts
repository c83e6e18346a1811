import type { Lake } from '../../dev/lake/index.js';
import type { Late, Pick, WmsCommand } from './commands.js';
import { WAREHOUSES } from './commands.js';
import { Doubts } from './doubts.js';
import type { Tracked } from './records.js';
import type { Subject } from './subjects.js';
import { WmsWriter } from './wms-writer.js';

/** A point in the history of the lake. */
export interface Moment {
  /** How many variations the lake's object has. */
  readonly versions: number;
  /** Grows with everything that changes what queries see. */
  readonly tick: number;
}

/** Never given out twice, so that the histories of one backend have nothing in common. */
let lastNumber = 0;

/**
 * The WMS behind the lake: it changes records as commands say and, but for the odd ones, keeps to
 * what a WMS and its lake keep to. Versions of a record are indexed in their order, and nothing
 * comes in later than the shortest lookback allows.
 */
export class Wms {
  readonly doubts = new Doubts();
  readonly #lake: Lake;
  readonly #subject: Subject;
  readonly #writer: WmsWriter;
  #tick = 0;

  constructor(lake: Lake, subject: Subject, lookbackMs: number) {
    this.#lake = lake;
    this.#subject = subject;
    this.#writer = new WmsWriter(lake, subject, lookbackMs);
  }

  get hasHidden(): boolean {
    return this.#records.all.some(({ hidden }) => hidden);
  }

  async moment(): Promise<Moment> {
    const tick = this.#tick;
    return { versions: await this.#writer.versions(), tick };
  }

  delay(share: Late): void {
    this.#tick++;
    this.#writer.delay(share);
  }

  /** Nothing that these records have left in MongoDB can be compared until full runs have read it. */
  doubt(suits: (record: Tracked) => boolean = () => true): void {
    this.#tick++;
    for (const record of this.#records.all.filter(suits)) {
      this.doubts.add(record, record.hidden ? Number.POSITIVE_INFINITY : this.#tick);
    }
  }

  /** Of keys that several records have had, which only deletes that are told tell apart. */
  doubtShared(): void {
    this.doubt(({ key }) => this.#records.ofKey(key).length > 1);
  }

  /** @returns whether there was a record that the command could be about */
  async apply(command: WmsCommand): Promise<boolean> {
    this.#tick++;
    switch (command.do) {
      case 'insert':
        return this.#insert(command);
      case 'edit': {
        const { pick, rows, values, late } = command;
        const records = this.#records.pick(pick, rows, ({ live }) => live);
        return this.#writer.edit(records, values, late);
      }
      case 'delete': {
        const { pick, rows, keysOnly, late } = command;
        const records = this.#records.pick(pick, rows, (one) => this.#isOnly(one));
        return this.#writer.delete(records, late, keysOnly);
      }
      case 'revive': {
        const { pick, values, late } = command;
        const records = this.#records.pick(pick, 1, (one) => this.#isGone(one));
        return this.#writer.revive(records, values, late);
      }
      case 'reuse':
        return this.#reuse(command);
      case 'collide':
        return this.#collide(command.pick);
      case 'settle':
        return this.#settle(command.pick, command.gone);
      case 'wait':
        this.#writer.times.wait(command.ms);
        return true;
      case 'stepBack':
        this.#writer.times.stepBack(command.share);
        return true;
      case 'hide':
        return this.#hide(command.pick, command.rows);
      case 'show':
        return this.show();
      case 'goBack':
        return this.#goBack(command);
    }
  }

  /** Shows all records that were hidden. */
  async show(): Promise<boolean> {
    const hidden = this.#records.all.filter((record) => record.hidden);
    if (hidden.length === 0) return false;
    await this.#writer.showAll();
    this.#tick++;
    for (const record of hidden) this.doubts.renew(record, this.#tick);
    return true;
  }

  get #records() {
    return this.#writer.records;
  }

  #isOnly({ key, live }: Tracked): boolean {
    return live && this.#records.living(key).length === 1;
  }

  #isGone({ key, live, nameless }: Tracked): boolean {
    return !live && !nameless && this.#records.living(key).length === 0;
  }

  async #insert({ warehouse, rows, values, added, late }: WmsCommand & { do: 'insert' }) {
    const whseid = WAREHOUSES[warehouse % WAREHOUSES.length] ?? WAREHOUSES[0];
    const addDate = added === 'now' ? this.#lake.now().toISOString() : added;
    const at = this.#writer.times.at(late);
    const records = Array.from({ length: rows }, () => {
      lastNumber++;
      return { whseid, key: `K${String(lastNumber).padStart(9, '0')}`, serial: lastNumber };
    });
    await this.#writer.add(records, { ADDDATE: addDate, ...this.#writer.row(values) }, at);
    return true;
  }

  async #reuse({ pick, first, gapMs, thenDelete, late }: WmsCommand & { do: 'reuse' }) {
    const unshared = ({ key }: Tracked) => this.#records.living(key).length < 2;
    const [record] = this.#records.pick(pick, 1, unshared);
    if (!record) return false;
    const { times } = this.#writer;
    const { reusesKeys } = this.#subject;
    const old = this.#records.living(record.key);
    const insertFirst = old.length > 0 && first === 'insert' && reusesKeys;
    if (!insertFirst) {
      await this.#writer.delete(old);
      times.wait(gapMs);
    }
    const { whseid, key } = record;
    const serial = reusesKeys ? ++lastNumber : record.serial;
    const at = times.at(late, reusesKeys ? 0 : record.at);
    await this.#writer.add([{ whseid, key, serial }], { ADDDATE: this.#lake.now() }, at);
    if (insertFirst) {
      times.wait(gapMs);
      await this.#writer.delete(old);
    }
    if (thenDelete) {
      await this.#writer.delete(this.#records.all.filter((known) => known.serial === serial));
    }
    return true;
  }

  /** Only where deletes are told: else the row that remains could never be found out. */
  async #collide(pick: Pick): Promise<boolean> {
    if (!this.#subject.reusesKeys || !this.#subject.flagged) return false;
    const [record] = this.#records.pick(pick, 1, (one) => this.#isOnly(one));
    if (!record) return false;
    const { whseid, key } = record;
    await this.#writer.add([{ whseid, key, serial: ++lastNumber }], {}, this.#writer.times.now);
    return true;
  }

  async #settle(pick: Pick, gone: 'older' | 'newer'): Promise<boolean> {
    const shared = ({ key, live }: Tracked) => live && this.#records.living(key).length > 1;
    const [record] = this.#records.pick(pick, 1, shared);
    if (!record) return false;
    const living = this.#records.living(record.key).sort((a, b) => a.serial - b.serial);
    const [oldest] = living;
    const leaving = gone === 'older' ? oldest : living.at(-1);
    if (!leaving) return false;
    const others = living.filter((other) => other !== leaving);
    // The live row was read while this one had the key, and is not read again when it goes.
    if (others.some(({ serial, liveAt }) => serial < leaving.serial || liveAt <= leaving.liveAt)) {
      this.doubts.add(leaving, this.#tick);
    }
    return this.#writer.delete([leaving]);
  }

  async #hide(pick: Pick, rows: number): Promise<boolean> {
    const records = this.#records.pick(pick, rows, ({ hidden }) => !hidden);
    if (records.length === 0) return false;
    await this.#writer.hide(records);
    for (const record of records) this.doubts.add(record, Number.POSITIVE_INFINITY);
    return true;
  }

  async #goBack({ pick, what, values, ms }: WmsCommand & { do: 'goBack' }): Promise<boolean> {
    const alone = ({ key, live }: Tracked) => live && this.#records.ofKey(key).length === 1;
    const [record] = this.#records.pick(pick, 1, alone);
    if (record) await this.#writer.goBack(record, what, values, ms);
    return record !== undefined;
  }
}
