import type { RequestKind } from '../types.js';

/** What goes wrong. Each kind says what the client sees. */
export type FaultKind =
  /** An answer with this status instead of the real one. */
  | '401'
  | '429'
  | '500'
  | '504'
  /** The connection is reset without an answer. */
  | 'reset'
  /** The connection breaks in the middle of the answer's body. */
  | 'cut'
  /** Half of the body, under a Content-Length that fits it: JSON that ends too early. */
  | 'malformed'
  /** The answer comes `delayMs` later. */
  | 'slow'
  /** A result page has half of the rows that were asked for, at least one. */
  | 'shortPage'
  /** A status is 202 with `word`, which no documentation has. */
  | 'unknownStatus'
  /** A submitted query runs until it is canceled. */
  | 'stuck'
  /** A submitted query is FAILED, with `word` as the reason. */
  | 'failed'
  /** The query is forgotten: 404 from then on. */
  | 'lostResult';

/** A request that can be struck. */
export type FaultTarget = 'token' | 'submit' | 'status' | 'result' | 'cancel' | 'any';

export interface Fault {
  readonly kind: FaultKind;
  /** Default: the only request that the kind makes sense on, else any. */
  readonly on?: FaultTarget;
  /** Strikes this one of the requests that follow, counted from 1. Default 1, the next one. */
  readonly nth?: number;
  /** Strikes each so-many-th request instead. */
  readonly every?: number;
  /** Strikes this share of the requests instead, 0 … 1, by a die that `seed` (default 1) loads. */
  readonly rate?: number;
  readonly seed?: number;
  /** How often at most; in a row after `nth`. Default 1, with `every` and `rate` without end. */
  readonly times?: number;
  /** The request is carried out first and only its answer is lost. Default false. */
  readonly after?: boolean;
  /** Sent with a 429; no `Retry-After` where it is left out. */
  readonly retryAfterSeconds?: number;
  /** Of `slow`. Default 1000. */
  readonly delayMs?: number;
  /** The word of `unknownStatus` (default TRANSFORMING), the message of `failed`. */
  readonly word?: string;
}

/** A fault and how often it has struck. */
export interface FaultState extends Fault {
  readonly struck: number;
}

const OWN_TARGETS: Partial<Record<FaultKind, FaultTarget>> = {
  shortPage: 'result',
  lostResult: 'result',
  unknownStatus: 'status',
  stuck: 'submit',
  failed: 'submit',
};

interface Planned {
  readonly fault: Fault;
  readonly roll: () => number;
  seen: number;
  struck: number;
}

/** The faults that are planned, and the count of the requests that decides when they strike. */
export class Faults {
  #planned: Planned[] = [];

  add(fault: Fault): void {
    this.#planned.push({ fault, roll: loadedDie(fault.seed ?? 1), seen: 0, struck: 0 });
  }

  /** Returns how many there were. */
  clear(): number {
    const count = this.#planned.length;
    this.#planned = [];
    return count;
  }

  get states(): FaultState[] {
    return this.#planned.map(({ fault, struck }) => ({ ...fault, struck }));
  }

  /** Counts a request and tells what strikes it. */
  strike(kind: RequestKind): Fault[] {
    return this.#planned
      .filter((planned) => isOn(planned.fault, kind) && strikes(planned))
      .map(({ fault }) => fault);
  }
}

function isOn(fault: Fault, kind: RequestKind): boolean {
  const target = fault.on ?? OWN_TARGETS[fault.kind] ?? 'any';
  return target === 'any' || target === kind;
}

function strikes(planned: Planned): boolean {
  const { every, rate, nth = 1 } = planned.fault;
  const recurs = every !== undefined || rate !== undefined;
  const times = planned.fault.times ?? (recurs ? Number.POSITIVE_INFINITY : 1);
  planned.seen++;
  if (planned.struck >= times) return false;
  if (every !== undefined && planned.seen % every !== 0) return false;
  if (rate !== undefined && planned.roll() >= rate) return false;
  if (!recurs && planned.seen < nth) return false;
  planned.struck++;
  return true;
}

/** The same throws for the same seed (mulberry32). */
function loadedDie(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
