import type { Pick } from './commands.js';
import type { Subject } from './subjects.js';

export interface Identity {
  readonly whseid: string;
  readonly key: string;
  readonly serial: number;
}

/** What the WMS knows of one of its records. Times are epoch milliseconds of the lake's clock. */
export interface Tracked extends Identity {
  live: boolean;
  /** When its newest version was indexed, and its newest live one. */
  at: number;
  liveAt: number;
  /** Its delete does not say which business key it had. */
  nameless?: boolean;
  /** No query sees it. */
  hidden?: boolean;
}

/** The records of a WMS, in the order in which they came. */
export class Records {
  readonly #subject: Subject;
  readonly #all: Tracked[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  get all(): readonly Tracked[] {
    return this.#all;
  }

  /** A live version of a new record, or of a known one. */
  add(record: Identity, at: number): void {
    const known = this.#all.find(({ serial }) => serial === record.serial);
    if (known) Object.assign(known, { live: true, at, liveAt: at, nameless: false });
    else this.#all.push({ ...record, live: true, at, liveAt: at });
  }

  ofKey(key: string): Tracked[] {
    return this.#all.filter((record) => record.key === key);
  }

  living(key: string): Tracked[] {
    return this.ofKey(key).filter(({ live }) => live);
  }

  pick(pick: Pick, count: number, suits: (record: Tracked) => boolean): Tracked[] {
    const suitable = this.#all.filter(suits);
    const start = suitable.length === 0 ? 0 : pick % suitable.length;
    return [...suitable.slice(start), ...suitable.slice(0, start)].slice(0, count);
  }

  /** A condition that the lake's records meet which these are. */
  where(records: readonly Identity[]): string {
    const { table, reusesKeys } = this.#subject;
    if (reusesKeys) return `"SERIALKEY" IN (${records.map(({ serial }) => serial).join()})`;
    return `"${table.key[0]}" IN (${records.map(({ key }) => `'${key}'`).join()})`;
  }
}
