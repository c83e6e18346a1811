import { setTimeout as sleep } from 'node:timers/promises';
import { Types } from 'mongoose';
import { expect } from 'vitest';
import type { Fault } from '../../dev/lake/index.js';
import type { Clock } from '../../src/clock.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import type { SyncContext } from '../../src/sync/context.js';
import { startJob } from '../../src/sync/start.js';
import type { Reply } from '../support/backend.js';
import type { Request, RunCommand } from './commands.js';
import { Judge } from './judge.js';
import { isAllRejected, isComplete } from './rules.js';
import type { Scene } from './stage.js';
import type { Wms } from './wms.js';

/** Longer than any slice lasts. */
const SLICE_MS = 30_000;
/** A request waits longer than this for its run. */
const LONG_MS = 10_000;
/** What a query that never ends is given. */
const STUCK_MS = 60;
/** A leave-taking worker's last page and lease, when its leases are stolen. */
const PAGE_MS = 4;

/** Does what a caller of the functions, or a worker, does; and has every run judged. */
export class Runs {
  readonly #scene: Scene;
  readonly judge: Judge;

  constructor(scene: Scene, wms: Wms) {
    this.#scene = scene;
    this.judge = new Judge(scene, wms);
  }

  async apply(command: RunCommand): Promise<void> {
    switch (command.do) {
      case 'sync':
        return this.#watched(command.faults, () => this.#request(command.request));
      case 'slice':
        return this.#watched(command.faults, async () => {
          const context = await this.#context();
          const clock = impatient(context.clock, command.looks);
          return this.#slice({ ...context, clock }, command.request, Date.now() + SLICE_MS);
        });
      case 'haste':
        return this.#watched([], async () =>
          this.#slice(await this.#context(), command.request, Date.now() + command.ms),
        );
      case 'stuck':
        await this.#watched([{ kind: 'stuck', nth: command.nth }], async () =>
          this.#slice(await this.#context(), command.request, Date.now() + STUCK_MS),
        );
        return this.loseResults();
      case 'race':
        return this.#race(command);
      case 'crowd':
        return this.#watched([], () => this.#crowd(command));
      case 'cancel':
        return this.#cancel();
      case 'verify':
        return this.verify();
    }
  }

  /** A plain request until nothing is left of runs before it. @returns the last job */
  async untilComplete(request: Request = {}): Promise<SyncJob> {
    for (let run = 1; ; run++) {
      let job: SyncJob | undefined;
      await this.#watched([], async () => {
        const ids = await this.#request(request);
        job = ids[0] && (await this.#scene.job(ids[0]));
        return ids;
      });
      if (job?.scope.own && (isComplete(job) || isAllRejected(job))) return job;
      expect(run, 'runs come to an end').toBeLessThan(80);
    }
  }

  /** Two full runs: the second one modifies nothing. */
  async verify(): Promise<void> {
    const full = { mode: 'full', maxRecords: 0 } as const;
    // A run that was left reads what the lake held when it began.
    if (await this.#scene.activeJob()) await this.untilComplete(full);
    const first = await this.untilComplete(full);
    if (first.mode !== 'full') return;
    const second = await this.untilComplete(full);
    await this.judge.expectNoChange(first, second);
  }

  async loseResults(): Promise<void> {
    const active = await this.#scene.activeJob();
    if (this.#scene.backend.lake.forgetResult() > 0 && active) this.judge.excuse(active._id);
  }

  /**
   * Does something that takes runs on, with faults in the lake while it lasts.
   * @param act returns the jobs that it knows of
   */
  async #watched(faults: readonly Fault[], act: () => Promise<Types.ObjectId[]>): Promise<void> {
    const { lake } = this.#scene.backend;
    const before = await this.#scene.config();
    const left = await this.#scene.activeJob();
    for (const fault of faults) lake.fault(fault);
    const ids = await act();
    const struck = lake.faults().filter(({ struck }) => struck > 0);
    lake.clearFaults();
    for (const { kind } of struck) this.#scene.coverage.count(`fault: ${kind}`);
    if (left && !ids.some((id) => id.equals(left._id))) ids.push(left._id);
    if (struck.length > 0) for (const id of ids) this.judge.excuse(id);
    for (const id of ids) {
      const job = await this.#scene.job(id);
      await this.judge.look(job, before, { resumed: left !== null, alone: ids.length === 1 });
    }
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
    } else this.judge.keepReply(id, reply);
    return [id];
  }

  #call(request: Request): Promise<Reply> {
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
  ): Promise<Types.ObjectId[]> {
    const { tableId } = this.#scene.subject.table;
    const job =
      (await this.#scene.activeJob()) ?? (await startJob(context, { tableId, ...request }, 'api'));
    await advance(context, job._id, deadline);
    return [job._id];
  }

  async #race({ requests, faults }: RunCommand & { do: 'race' }): Promise<void> {
    await this.#watched(faults, async () => {
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
    });
  }

  /** Several workers on one run, sharing its segments or taking them from each other. */
  async #crowd({ request, workers, steal }: RunCommand & { do: 'crowd' }) {
    const context = await this.#context();
    const [id] = await this.#slice(context, request, 0);
    if (!id) throw new Error('there is no run to work on');
    const { lake } = this.#scene.backend;
    lake.configure({ pageLatencyMs: PAGE_MS });
    const work = async () => advance(context, id, Date.now() + SLICE_MS);
    const working = Array.from({ length: workers }, async (_, place) => {
      await sleep(place * PAGE_MS * 3);
      if (steal && place > 0) await this.#stealLeases(id);
      return work();
    });
    for (const result of await Promise.allSettled(working)) {
      const { coverage } = this.#scene;
      if (result.status === 'fulfilled') coverage.count(`crowd: ${result.value.state}`);
      else expect(result.reason).toMatchObject({ code: 'SYNC_SUPERSEDED' });
      if (result.status === 'rejected') coverage.count('crowd: superseded');
    }
    lake.configure({ pageLatencyMs: 0 });
    return [id];
  }

  /** As time does with those of a worker that is frozen. */
  async #stealLeases(_id: Types.ObjectId): Promise<void> {
    const jobs = this.#scene.backend.db.collection('syncjobs');
    const job = await this.#scene.job(_id);
    const held = job.segments.flatMap(({ lease }, place) =>
      lease ? [`segments.${place}.lease`] : [],
    );
    for (const path of [...(job.lease ? ['lease'] : []), ...held]) {
      await jobs.updateOne(
        { _id, [`${path}.owner`]: { $exists: true } },
        { $set: { [`${path}.at`]: new Date(0) } },
      );
    }
  }

  async #cancel(): Promise<void> {
    const active = await this.#scene.activeJob();
    if (!active) return;
    this.judge.excuse(active._id);
    await this.#watched([], async () => {
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
