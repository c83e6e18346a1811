import { Types } from 'mongoose';
import { expect } from 'vitest';
import type { Clock } from '../../src/clock.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import type { SyncContext } from '../../src/sync/context.js';
import { startJob } from '../../src/sync/start.js';
import type { Reply } from '../support/backend.js';
import type { Request, RunCommand } from './commands.js';
import { crowd } from './crowd.js';
import { isAllRejected, isComplete } from './rules.js';
import type { Scene } from './stage.js';
import { takeUpAsStranger } from './take-up-as-stranger.js';
import { NO_TROUBLE, Watch } from './watch.js';

/** Longer than any slice lasts. */
const SLICE_MS = 30_000;
/** A request waits longer than this for its run. */
const LONG_MS = 10_000;
const ALWAYS = 100_000;
/** Longer than any quota of the lake lasts. */
const QUOTA_MS = 61 * 60_000;
/** Enough for a refusal on a machine that is not too busy. */
const QUOTA_SLICE_MS = 200;
/** What a query that never ends is given. */
const STUCK_MS = 60;

/** Does what a caller of the functions, or a worker, does; and has every run judged. */
export class Runs {
  readonly #scene: Scene;
  readonly #watch: Watch;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#watch = new Watch(scene);
  }

  /** @returns whether there was a run that the command could be about */
  async apply(command: RunCommand): Promise<boolean> {
    switch (command.do) {
      case 'sync':
        return this.#watch.during(command.trouble, () => this.#request(command.request));
      case 'slice':
        return this.#watch.during(command.trouble, async () => {
          const context = await this.#context();
          const clock = impatient(context.clock, command.looks);
          return this.#slice(
            { ...context, clock, store: context.store.within({ clock }) },
            command.request,
            Date.now() + SLICE_MS,
          );
        });
      case 'haste':
        return this.#watch.during(NO_TROUBLE, async () =>
          this.#slice(await this.#context(), command.request, Date.now() + command.ms),
        );
      case 'stuck': {
        const faults = [{ kind: 'stuck', nth: command.nth }] as const;
        await this.#watch.during({ ...NO_TROUBLE, faults }, async () =>
          this.#slice(await this.#context(), command.request, Date.now() + STUCK_MS),
        );
        await this.loseResults();
        return true;
      }
      case 'race':
        return this.#watch.during(command.trouble, () => this.#race(command.requests));
      case 'crowd':
        return this.#watch.during(command.trouble, () => this.#crowd(command));
      case 'overQuota':
        return this.#overQuota(command);
      case 'order':
        return this.#watch.during(NO_TROUBLE, () => this.#order(command));
      case 'cancel':
        return this.#cancel();
      case 'verify':
        await this.verify();
        return true;
      case 'stranger':
        return this.#takeUpAsStranger();
    }
  }

  /** A plain request until nothing is left of runs before it. @returns the last job */
  async untilComplete(request: Request = {}): Promise<SyncJob> {
    let isRebuilt = false;
    for (let run = 1; ; run++) {
      let job: SyncJob | undefined;
      await this.#watch.during(NO_TROUBLE, async () => {
        const ids = await this.#request(request);
        job = ids[0] && (await this.#scene.job(ids[0]));
        return ids;
      });
      if (job?.scope.own && (isComplete(job) || isAllRejected(job))) return job;
      if (job?.errorCode === 'LAKE_TIMES_WENT_BACK') {
        expect(isRebuilt || request.rebuild, 'one rebuild is enough').toBeFalsy();
        isRebuilt = true;
        await this.#rebuild();
      }
      expect(run, 'runs come to an end').toBeLessThan(80);
    }
  }

  /** Two full runs: the second one modifies nothing. */
  async verify(): Promise<void> {
    const full = { mode: 'full', maxRecords: 0 } as const;
    const wasSure = this.#scene.wms.doubts.keys.size === 0;
    // A run that was left reads what the lake held when it began.
    if (await this.#scene.activeJob()) await this.untilComplete(full);
    const first = await this.untilComplete(full);
    if (first.mode !== 'full') return;
    const second = await this.untilComplete(full);
    if (wasSure) await this.#watch.judge.expectNoChange(first, second);
  }

  /** In the end everything has been compared. */
  async expectNoDoubt(): Promise<void> {
    // The full runs so far may have begun before the lake behaved again.
    for (let run = 0; this.#scene.wms.doubts.keys.size > 0; run++) {
      expect(run, 'full runs settle every doubt').toBeLessThan(2);
      await this.verify();
    }
  }

  /** Something is done to the lake's records in the middle of a run. */
  async rowsChange(): Promise<void> {
    const active = await this.#scene.activeJob();
    if (active) this.#watch.judge.excuses.rowsChanged(active);
  }

  /** The collection is emptied behind the backend's back. */
  async emptyTarget(): Promise<void> {
    const { backend, subject, wms } = this.#scene;
    await backend.db.collection(subject.table.collection).deleteMany({});
    // What the run has written so far is gone, and it can't know that.
    if (await this.#scene.activeJob()) wms.doubt();
  }

  async loseResults(): Promise<void> {
    const active = await this.#scene.activeJob();
    const { lake } = this.#scene.backend;
    if (lake.forgetResult() > 0 && active) this.#watch.judge.excuses.excuse(active);
  }

  async #rebuild(): Promise<void> {
    const request = { mode: 'full', rebuild: true, maxRecords: 0 } as const;
    // The run that was left before it comes first.
    for (let reason: string | undefined; reason !== 'rebuild'; ) {
      reason = (await this.untilComplete(request)).modeReason;
    }
    this.#scene.coverage.count('rebuilt');
  }

  async #request(request: Request): Promise<Types.ObjectId[]> {
    const began = Date.now();
    const reply = await this.#call(request);
    expect(reply.body.jobId, JSON.stringify(reply.body)).toBeDefined();
    const id = new Types.ObjectId(reply.body.jobId);
    if (reply.status === 202) {
      // The machine stood still: nothing but the end of its time makes a request leave its run.
      expect(Date.now() - began, JSON.stringify(reply.body)).toBeGreaterThan(LONG_MS);
      this.#scene.coverage.count('request: run left');
    } else this.#watch.judge.keepReply(id, reply);
    return [id];
  }

  #call(request: Request & { readonly wait?: number }): Promise<Reply> {
    const { backend, subject } = this.#scene;
    return backend.call('sync-table', { body: { tableId: subject.table.tableId, ...request } });
  }

  #context(): Promise<SyncContext> {
    return this.#scene.backend.app().sync();
  }

  /** Goes on with the run that was left, or begins one. */
  async #slice(
    context: SyncContext,
    request: Request,
    deadline: number,
  ): Promise<[Types.ObjectId]> {
    const { tableId } = this.#scene.subject.table;
    const job =
      (await this.#scene.activeJob()) ?? (await startJob(context, { tableId, ...request }, 'api'));
    await advance(context, job._id, deadline);
    return [job._id];
  }

  async #race(requests: readonly Request[]): Promise<Types.ObjectId[]> {
    const replies = await Promise.all(requests.map((request) => this.#call(request)));
    const ids = new Map<string, Types.ObjectId>();
    for (const { status, body } of replies) {
      const refused = body.code === 'SYNC_RUNNING';
      const jobId = refused ? String(body.details[0]?.jobId) : body.jobId;
      expect(refused ? status : 409, JSON.stringify(body)).toBe(409);
      ids.set(jobId, new Types.ObjectId(jobId));
      this.#scene.coverage.count(refused ? 'race: refused' : 'race: ran');
    }
    return [...ids.values()];
  }

  async #crowd(command: RunCommand & { do: 'crowd' }): Promise<Types.ObjectId[]> {
    const context = await this.#context();
    const [id] = await this.#slice(context, command.request, 0);
    await crowd(this.#scene, context, id, command);
    return [id];
  }

  /** A call's own bound ends the slice, and the run's own ends the run. */
  #overQuota({ request, ms, on, hours }: RunCommand & { do: 'overQuota' }): Promise<boolean> {
    const fault = { kind: '429', on, times: ALWAYS, retryAfterSeconds: 0 } as const;
    return this.#watch.during({ ...NO_TROUBLE, faults: [fault] }, async () => {
      const context = await this.#context();
      const [id] = await this.#slice(context, request, Date.now() + ms);
      if (hours) await this.#sitOutQuota(context, id);
      return [id];
    });
  }

  /** As it is once the lake has refused the run's calls for longer than any quota lasts. */
  async #sitOutQuota(context: SyncContext, _id: Types.ObjectId): Promise<void> {
    const refused = async () => {
      const { active, sinceProgress } = await this.#scene.job(_id);
      return active && sinceProgress?.quotaFrom !== undefined;
    };
    if (!(await refused())) return;
    const ago = { 'sinceProgress.quotaFrom': new Date(Date.now() - QUOTA_MS) };
    await this.#scene.backend.db.collection('syncjobs').updateOne({ _id }, { $set: ago });
    for (let slice = 1; await refused(); slice++) {
      expect(slice, 'a quota that lasts ends the run').toBeLessThan(40);
      await advance(context, _id, Date.now() + QUOTA_SLICE_MS);
    }
  }

  /** Nobody ever comes: the request does the work itself, or, where a worker was promised, a pass. */
  async #order({ request, answer }: RunCommand & { do: 'order' }): Promise<Types.ObjectId[]> {
    const { backend, desk, coverage } = this.#scene;
    desk.expect(answer);
    const reply = await this.#call({ ...request, wait: 0 });
    const id = new Types.ObjectId(reply.body.jobId);
    coverage.count(`order: ${answer}, ${reply.status}`);
    desk.expect('missing');
    if (reply.status !== 202) {
      this.#watch.judge.keepReply(id, reply);
      return [id];
    }
    expect(answer, JSON.stringify(reply.body)).toBe('lost');
    // As time does.
    const silent = { heartbeat: new Date(0) };
    await backend.db.collection('syncjobs').updateOne({ _id: id }, { $set: silent });
    const pass = await backend.call('sync-run-due', { body: {} });
    expect(pass, JSON.stringify(pass.body)).toMatchObject({ status: 200, body: { errors: [] } });
    expect((await this.#scene.job(id)).active, 'an order without a worker').toBeFalsy();
    const others = (pass.body.syncedTables as { jobId: string }[]).map(({ jobId }) => jobId);
    return [...new Set([String(id), ...others])].map((one) => new Types.ObjectId(one));
  }

  async #takeUpAsStranger(): Promise<boolean> {
    return this.#watch.during(NO_TROUBLE, async () => {
      const ended = await takeUpAsStranger(this.#scene);
      if (ended) this.#watch.judge.excuses.excuse(ended);
      return ended ? [ended._id] : [];
    });
  }

  async #cancel(): Promise<boolean> {
    const active = await this.#scene.activeJob();
    if (!active) return false;
    this.#watch.judge.excuses.excuse(active);
    return this.#watch.during(NO_TROUBLE, async () => {
      const body = { action: 'cancel', jobId: String(active._id) };
      const reply = await this.#scene.backend.call('sync-control', { body });
      expect([200, 409], JSON.stringify(reply.body)).toContain(reply.status);
      return [active._id];
    });
  }
}

/** A clock that after so many looks is past every deadline of its slice. */
function impatient(clock: Clock, looks: number): Clock {
  let left = looks;
  return {
    ...clock,
    now: () => {
      left--;
      return left > 0 ? clock.now() : clock.now() + 2 * SLICE_MS;
    },
  };
}
