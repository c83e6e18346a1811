import type { Types } from 'mongoose';
import type { Fault } from '../../dev/lake/index.js';
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
    for (const fault of trouble.faults) backend.lake.fault(fault);
    calls.plan(trouble.meanwhile);
    const ids = await act();
    calls.check();
    if (left && !ids.some((id) => id.equals(left._id))) ids.push(left._id);
    this.#endTrouble(ids);
    for (const id of ids) {
      const job = await this.#scene.job(id);
      await this.judge.look(job, before, { left, alone: ids.length === 1, wasEmpty });
    }
    return ids.length > 0;
  }

  /** What has struck and what has changed excuses all runs that took part. */
  #endTrouble(ids: readonly Types.ObjectId[]): void {
    const { backend, calls, coverage } = this.#scene;
    const struck = backend.lake.faults().filter((fault) => fault.struck > 0);
    backend.lake.clearFaults();
    for (const fault of struck) coverage.count(`fault: ${nameOf(fault)}`);
    for (const change of calls.changed) coverage.count(`between calls: ${change}`);
    for (const _id of ids) {
      if (struck.length > 0) this.judge.excuses.excuse({ _id });
      if (calls.changed.length > 0) this.judge.excuses.rowsChanged({ _id });
    }
    calls.plan([]);
  }
}

/** Kinds that strike in several ways are told apart. */
function nameOf({ kind, columns, hide, show, status, rows, sql, times = 1 }: Fault): string {
  const ways = [
    columns ?? (hide && 'hide') ?? (show && 'show') ?? status?.toString(),
    kind === 'statusTotal' && rows !== undefined ? 'wrong' : undefined,
    kind === 'failed' && sql ? sql : undefined,
    times > 100 ? 'always' : undefined,
  ];
  return [kind, ...ways.filter((way) => way !== undefined)].join(', ');
}
