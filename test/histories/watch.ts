import type { Types } from 'mongoose';
import type { Fault, FaultState } from '../../dev/lake/index.js';
import type { SyncConfig } from '../../src/models/sync-config.js';
import { native } from '../../src/store/driver/native.js';
import { type Refusing, refuseWrites } from '../support/refused-writes.js';
import type { Trouble } from './commands.js';
import { Judge } from './judge.js';
import type { Scene } from './stage.js';

export const NO_TROUBLE: Trouble = { faults: [], meanwhile: [] };

/** Lets runs go on, with trouble in the lake while that lasts, and has all that took part judged. */
export class Watch {
  readonly judge: Judge;
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.judge = new Judge(scene);
  }

  /**
   * @param act takes runs on; returns the jobs that it knows of
   * @returns whether there was one
   */
  async during(trouble: Trouble, act: () => Promise<Types.ObjectId[]>): Promise<boolean> {
    const { backend, calls } = this.#scene;
    const before = await this.#scene.config();
    const left = await this.#scene.activeJob();
    const wasEmpty = (await this.#scene.documents()).length === 0;
    for (const fault of this.#plan(trouble, left ? undefined : before)) backend.lake.fault(fault);
    const refusing = await this.#refuse(trouble);
    calls.plan(trouble.meanwhile);
    // Also after a failure: the shorter histories that are then tried share the collection.
    const ids = await act().finally(() => refusing?.end());
    calls.check();
    if (left && !ids.some((id) => id.equals(left._id))) ids.push(left._id);
    this.#endWrites(ids, trouble, refusing);
    await this.#endTrouble(ids, trouble);
    for (const id of ids) {
      const job = await this.#scene.job(id);
      await this.judge.look(job, before, { left, alone: ids.length === 1, wasEmpty });
    }
    return ids.length > 0;
  }

  /** Those that excuse a run come first, then the harmless ones, then those of a query that was left. */
  #plan({ faults, harmless = [], ofInherited = [] }: Trouble, before?: SyncConfig): Fault[] {
    const queryId = before?.leftovers?.query.id;
    const inherited = queryId === undefined ? [] : ofInherited.map((one) => ({ ...one, queryId }));
    return [...faults, ...harmless, ...inherited];
  }

  async #refuse({ writes }: Trouble): Promise<Refusing | undefined> {
    if (!writes) return undefined;
    const { backend, subject } = this.#scene;
    const models = await backend.app().models();
    return refuseWrites(native(models.rows(subject.table.tableId)), writes);
  }

  /** What is transient excuses nothing. */
  #endWrites(ids: readonly Types.ObjectId[], { writes }: Trouble, refusing?: Refusing): void {
    if (!writes || !refusing?.struck) return;
    const { code, isTransient } = writes;
    this.#scene.coverage.count(`writes: ${isTransient ? 'transient' : 'fatal'}, ${code}`);
    if (!isTransient) for (const _id of ids) this.judge.excuses.excuse({ _id });
  }

  /** What has struck and what has changed excuses all runs that took part. */
  async #endTrouble(ids: readonly Types.ObjectId[], trouble: Trouble): Promise<void> {
    const { backend, calls, coverage, wms } = this.#scene;
    const { faults, harmless = [] } = trouble;
    const planned = backend.lake.faults();
    const struckOf = (from: number, to?: number) =>
      planned.slice(from, to).filter(({ struck }) => struck > 0);
    const struck = struckOf(0, faults.length);
    const inherited = struckOf(faults.length + harmless.length);
    backend.lake.clearFaults();
    for (const fault of struck) coverage.count(`fault: ${nameOf(fault)}`);
    const ofHarmless = struckOf(faults.length, faults.length + harmless.length);
    for (const fault of ofHarmless) coverage.count(`harmless: ${nameOf(fault)}`);
    for (const fault of inherited) coverage.count(`inherited: ${nameOf(fault)}`);
    for (const change of calls.changed) coverage.count(`between calls: ${change}`);
    // What the bytes were meant to be, runs find out when they read the rows again.
    if (struck.some(({ kind }) => kind === 'rawBytes')) wms.doubt();
    for (const _id of ids) {
      if (struck.length > 0) this.judge.excuses.excuse({ _id });
      if (calls.changed.length > 0) this.judge.excuses.rowsChanged({ _id });
    }
    await this.#excuseOthers(ids, inherited);
    calls.plan([]);
  }

  /** Whatever the lake says of a query that was left: a run that goes on with its rest sends it again. */
  async #excuseOthers(ids: readonly Types.ObjectId[], struck: readonly FaultState[]) {
    if (struck.length === 0) return;
    for (const _id of ids) {
      const { modeReason } = await this.#scene.job(_id);
      if (modeReason !== 'rest_of_earlier_run') this.judge.excuses.excuse({ _id });
    }
  }
}

/** Kinds that strike in several ways are told apart. */
function nameOf(fault: Fault): string {
  const { kind, columns, hide, show, status, rows, sql, text, word, times = 1 } = fault;
  const ways = [
    text,
    word,
    columns ?? (hide && 'hide') ?? (show && 'show') ?? status?.toString(),
    kind === 'statusTotal' && rows !== undefined ? 'wrong' : undefined,
    kind === 'failed' && sql ? sql : undefined,
    times > 100 ? 'always' : undefined,
  ];
  return [kind, ...ways.filter((way) => way !== undefined)].join(', ');
}
