import type { LakeCall } from '../types.js';
import type { Fault, FaultKind, FaultState, FaultTarget } from './fault.js';

const OWN_TARGETS: Partial<Record<FaultKind, FaultTarget>> = {
  shortPage: 'result',
  lostResult: 'result',
  unknownStatus: 'status',
  stuck: 'submit',
  failed: 'submit',
  emptyPage: 'result',
  repeatedPage: 'result',
  longPage: 'result',
  ignoredOffset: 'result',
  pageStatus: 'result',
  notAList: 'result',
  rawBytes: 'result',
  columns: 'status',
  statusTotal: 'status',
  shortResult: 'submit',
};

/** Kinds that strike the FINISHED answer of a status, which is known only when it is ready. */
const STRIKES_FINISHED: ReadonlySet<FaultKind> = new Set(['columns', 'statusTotal']);

interface Planned {
  readonly fault: Fault;
  readonly sql: RegExp;
  readonly roll: () => number;
  seen: number;
  struck: number;
}

/** The faults that are planned, and the count of the requests that decides when they strike. */
export class Faults {
  #planned: Planned[] = [];

  /** @throws SyntaxError where `sql` is not a regular expression. */
  add(fault: Fault): void {
    const sql = new RegExp(fault.sql ?? '', 'is');
    this.#planned.push({ fault, sql, roll: loadedDie(fault.seed ?? 1), seen: 0, struck: 0 });
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

  /** Counts a request and returns what strikes it. */
  strike(call: LakeCall): Fault[] {
    return this.#strike(call, (kind) => !STRIKES_FINISHED.has(kind));
  }

  /** Counts a status that is about to be answered FINISHED and returns what strikes that answer. */
  strikeFinished(call: LakeCall): Fault[] {
    return this.#strike(call, (kind) => STRIKES_FINISHED.has(kind));
  }

  #strike(call: LakeCall, isMeant: (kind: FaultKind) => boolean): Fault[] {
    return this.#planned
      .filter((planned) => isMeant(planned.fault.kind) && isOn(planned, call) && strikes(planned))
      .map(({ fault }) => fault);
  }
}

function isOn({ fault, sql }: Planned, call: LakeCall): boolean {
  const target = fault.on ?? OWN_TARGETS[fault.kind] ?? 'any';
  if (target !== 'any' && target !== call.kind) return false;
  if (fault.queryId !== undefined && fault.queryId !== call.queryId) return false;
  return fault.sql === undefined || (call.sql !== undefined && sql.test(call.sql));
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
