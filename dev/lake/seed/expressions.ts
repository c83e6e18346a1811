import { literal } from '../store/sql-text.js';

/**
 * Seeded rows are made by the engine, from SQL expressions over the row's number `i`. Chance
 * is a hash of row, seed and a salt, so that equal seeds give equal rows in any order.
 */
export class Expressions {
  readonly #seed: number;
  #salt = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** 0 … sides-1; each call in the program is another die. `row` is what the die is thrown for. */
  dice(sides: number | string, row = 'i'): string {
    this.#salt++;
    return `CAST(hash(${row}, ${this.#seed}, ${this.#salt}) % (${sides})::UBIGINT AS BIGINT)`;
  }

  /** True for so many rows of a hundred. */
  percent(share: number, row = 'i'): string {
    return `${this.dice(10_000, row)} < ${Math.round(share * 100)}`;
  }

  /** One of the texts; a text given twice comes twice as often. */
  oneOf(texts: readonly string[], row = 'i'): string {
    return `[${texts.map(literal).join(', ')}][1 + ${this.dice(texts.length, row)}]`;
  }

  /** `then` for so many rows of a hundred, else `otherwise`. */
  mostly(share: number, then: string, otherwise: string, row = 'i'): string {
    return `CASE WHEN ${this.percent(share, row)} THEN ${then} ELSE ${otherwise} END`;
  }

  /** A whole quantity from 1 to `most`, for one row in twenty with a fraction. */
  quantity(most: number, row = 'i'): string {
    const fraction = `CASE WHEN ${this.percent(5, row)} THEN ${this.dice(100_000, row)} ELSE 0 END`;
    return `(1 + ${this.dice(most, row)} + CAST(${fraction} AS DECIMAL(22,5)) / 100000)`;
  }

  /** An amount with two decimals, below `most`. */
  amount(most: number, row = 'i'): string {
    return `(${this.dice(most * 100, row)}::DECIMAL(22,5) / 100)`;
  }

  /** The e-mail address by which a WMS knows its users. */
  user(row = 'i'): string {
    return `${this.oneOf(USERS, row)} || '@example.com'`;
  }
}

/** A key as the WMS pads it. */
export function padded(expression: string, width = 10): string {
  return `lpad(CAST(${expression} AS VARCHAR), ${width}, '0')`;
}

const USERS = [
  'anna.berg',
  'li.wei',
  'marta.nowak',
  'jose.garcia',
  'tom.baker',
  'aiko.tanaka',
  'sven.olsen',
  'priya.shah',
  'interface',
  'interface',
];
