import type { mongo, Types } from 'mongoose';
import { expect } from 'vitest';
import type { Clock } from '../../../src/clock.js';
import { AppError } from '../../../src/errors/app-error.js';
import type { DeleteList } from '../../../src/models/delete-list.js';
import type { Certificate, Difference } from '../../../src/models/reconcile.js';
import type { SyncJob } from '../../../src/models/sync-job.js';
import { native } from '../../../src/store/driver/native.js';
import { advance } from '../../../src/sync/advance.js';
import type { SyncContext } from '../../../src/sync/context.js';
import { startJob } from '../../../src/sync/start.js';
import type { WmsCommand } from '../commands.js';
import { stealLeases } from '../crowd.js';
import { isAllRejected, isComplete } from '../rules.js';
import type { Scene } from '../stage.js';
import type { LakeTrouble, ReconcileCommand, Tampering, Work } from './commands.js';
import { FrozenWorker } from './frozen-worker.js';
import { type Fact, facts, lostToInferredDeletes } from './truth.js';

/** Longer than any slice lasts. */
const SLICE_MS = 30_000;
const NO_TROUBLE: LakeTrouble = { faults: [], meanwhile: [] };
/** What rows that change, come and go between its calls may bring a run to. */
const WHERE_ROWS_CHANGE = ['LAKE_RESULT_UNPROVEN', 'LAKE_RESULT_LOST'];

const ONE_MORE: WmsCommand = {
  do: 'insert',
  warehouse: 0,
  rows: 1,
  values: {},
  added: 'now',
  late: 0,
};

const REQUESTS = {
  incremental: {},
  full: { mode: 'full' },
  report: { mode: 'reconcile' },
  repair: { mode: 'reconcile', repair: true },
} as const;

/** What is known of a run that has begun. */
interface Begun {
  /** Variations that the lake had by then: what came later says nothing of this run. */
  readonly versions: number;
  /** Faults struck, or somebody spoiled MongoDB, while it lasted. */
  disturbed: boolean;
  changed: boolean;
}

type Request = Omit<Parameters<typeof startJob>[1], 'tableId'>;
type Command = Exclude<ReconcileCommand, { do: 'wms' | 'tamper' | 'pass' | 'configure' | 'lake' }>;

/** Starts runs, leaves and freezes them, and holds what they leave to what they claim. */
export class ReconcileRuns {
  readonly #scene: Scene;
  readonly #begun = new Map<string, Begun>();
  #frozen: FrozenWorker | undefined;
  /** The watermark was moved: runs have left out rows, until one has compared everything. */
  #hasGaps = false;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** @returns whether there was something that the command could be about */
  async apply(command: Command): Promise<boolean> {
    switch (command.do) {
      case 'run':
        return this.#during(command.trouble, async (context) => {
          const id = await this.#begin(context, REQUESTS[command.work]);
          await this.#toItsEnd(context, id);
          return id;
        });
      case 'slice':
        return this.#during(command.trouble, async (own) => {
          const clock = impatient(own.clock, command.looks);
          const context = { ...own, clock, store: own.store.within({ clock }) };
          const id = await this.#begin(context, REQUESTS[command.work]);
          await advance(context, id, Date.now() + SLICE_MS);
          return id;
        });
      case 'freeze':
        return this.#freeze(command.work);
      case 'thaw':
        return this.thaw();
      case 'confirm':
        return this.confirm();
      case 'discard':
        return this.#discard();
    }
  }

  async work(work: Work): Promise<SyncJob> {
    return this.#run(REQUESTS[work]);
  }

  async endActive(): Promise<void> {
    const active = await this.#scene.activeJob();
    if (!active) return;
    await this.#during(NO_TROUBLE, async (context) => {
      await this.#toItsEnd(context, active._id);
      return active._id;
    });
  }

  /** Runs that repair until one of them has a certificate, and a rebuild where times went back. */
  async untilReconciled(): Promise<Certificate> {
    await this.endActive();
    for (let run = 0; ; run++) {
      const job = await this.#run(REQUESTS.repair);
      const certificate = await this.#certificateOf(job);
      if (certificate && isComplete(job)) return certificate;
      if (job.errorCode === 'LAKE_TIMES_WENT_BACK') {
        this.#scene.coverage.count('rebuilt');
        await this.#run({ mode: 'full', rebuild: true });
      }
      // Rejects alone fail every run, until there is another row.
      if (isAllRejected(job)) await this.#scene.wms.apply(ONE_MORE);
      expect(
        run,
        `a run that reconciles comes to its end: ${JSON.stringify(job.error)}`,
      ).toBeLessThan(4);
    }
  }

  /** @returns whether a list was held */
  async confirm(): Promise<boolean> {
    const held = await this.#held();
    if (!held) return false;
    await this.endActive();
    await this.#run({ mode: 'reconcile', confirms: held.hash });
    return true;
  }

  /** Time passes for everybody. While a run goes on only the lake can be told so. */
  async pass(ms: number): Promise<boolean> {
    this.#scene.backend.lake.advance(ms);
    if (await this.#scene.activeJob()) return false;
    await this.#moveBack(
      'syncdifferences',
      ['absentSince', 'firstSeenAt', 'lastSeenAt', 'resolvedAt'],
      ms,
    );
    await this.#moveBack('syncdeletelists', ['createdAt', 'decidedAt'], ms);
    return true;
  }

  /** What happens to MongoDB now is not what a run that goes on can know of. */
  async spoiled({ do: how }: Tampering): Promise<void> {
    if (how === 'forwardWatermark') this.#hasGaps = true;
    for (const begun of this.#begun.values()) begun.disturbed = true;
  }

  /** Rows change in the middle of a run, if there is one. */
  rowsChange(): void {
    for (const begun of this.#begun.values()) begun.changed = true;
  }

  async thaw(): Promise<boolean> {
    const frozen = this.#frozen;
    if (!frozen) return false;
    this.#frozen = undefined;
    const before = await this.#truth();
    for (const begun of this.#begun.values()) begun.disturbed = true;
    const result = await frozen.thaw();
    const after = await this.#truth();
    this.#scene.coverage.count(`thawed: ${result instanceof AppError ? result.code : 'went on'}`);
    const wereDeleted = before.documents.filter(
      ({ _lake }) => _lake?.inferredAt instanceof Date && _lake.deletedAt instanceof Date,
    );
    const extras = new Set(
      facts(after)
        .filter(({ kind }) => kind === 'extra')
        .map(({ id }) => id),
    );
    const revived = wereDeleted.map(({ _id }) => String(_id)).filter((id) => extras.has(id));
    expect(revived, 'deletes that a late worker has undone').toEqual([]);
    return true;
  }

  /** No live row that a run could read is missing because of a delete that was inferred. */
  async expectNothingLost(): Promise<void> {
    if (this.#hasGaps) return;
    expect(lostToInferredDeletes(await this.#truth()), 'live rows that were deleted').toEqual([]);
  }

  /** At the end every difference is one of those that the certificate tells of, and has a cause. */
  async expectTrue(certificate: Certificate): Promise<void> {
    const { coverage } = this.#scene;
    const found = facts(await this.#truth());
    const open = await this.#differences().find({ open: true }).toArray();
    const told = JSON.stringify({ found, open, certificate }, undefined, 1);
    const kinds = new Map(open.map(({ key, kind }) => [key, kind]));
    for (const { id, kind } of found) {
      const says = kinds.get(id) ?? 'none';
      if (kind === 'foreign') continue;
      coverage.count(`left at the end: ${kind}, told as ${says}`);
      // A delete that does not say of which key it is.
      if (kind === 'extra' && says === 'rejected') continue;
      if (kind === 'collision' || kind === 'extra') expect(says, `${id} ${told}`).toBe(kind);
      else expect.fail(`${id} is left at the end: ${told}`);
    }
    coverage.count(`verdict at the end: ${certificate.verdict}`);
    const { unreadable } = certificate.counts;
    if (found.length === 0 && unreadable === 0 && open.length === 0) {
      expect(['equal', 'repaired'], told).toContain(certificate.verdict);
    }
    const extras = found.filter(({ kind }) => kind === 'extra');
    // Held, or there is nothing in the warehouse that shows that the lake answers.
    if (extras.length > 0) {
      const notProven = certificate.exceptions.some(
        ({ reason }) => reason === 'absence_not_proven',
      );
      expect(certificate.held > 0 || notProven, told).toBe(true);
    }
  }

  async #moveBack(name: string, fields: readonly string[], ms: number): Promise<void> {
    const collection = this.#scene.backend.db.collection(name);
    for (const { _id, ...document } of await collection.find({}).toArray()) {
      const moved = fields.flatMap((field) => {
        const time: unknown = document[field];
        return time instanceof Date ? [[field, new Date(time.getTime() - ms)]] : [];
      });
      if (moved.length > 0)
        await collection.updateOne({ _id }, { $set: Object.fromEntries(moved) });
    }
  }

  async #freeze(work: Work): Promise<boolean> {
    await this.thaw();
    const { backend, coverage, subject } = this.#scene;
    const models = await backend.app().models();
    const rows = native(models.rows(subject.table.tableId));
    let frozen: FrozenWorker | undefined;
    await this.#during(NO_TROUBLE, async (context) => {
      const id = await this.#begin(context, REQUESTS[work]);
      frozen = await FrozenWorker.of(id, rows, () => advance(context, id, Date.now() + SLICE_MS));
      if (frozen) await stealLeases(this.#scene, id);
      return id;
    });
    this.#frozen = frozen;
    coverage.count(frozen ? `frozen: ${work}` : 'not frozen: nothing to write');
    return frozen !== undefined;
  }

  async #discard(): Promise<boolean> {
    const held = await this.#held();
    if (!held) return false;
    const { store } = await this.#context();
    const now = new Date();
    await store.deleteLists.decide(held.tableId, held.hash, 'discarded', now);
    await store.differences.dropList(held.tableId, held.hash, now);
    return true;
  }

  async #run(request: Request): Promise<SyncJob> {
    let job: SyncJob | undefined;
    await this.#during(NO_TROUBLE, async (context) => {
      const id = await this.#begin(context, request);
      await this.#toItsEnd(context, id);
      job = await this.#scene.job(id);
      return id;
    });
    if (!job) throw new Error('there is no run');
    return job;
  }

  /** Goes on with the run that was left, or begins one. */
  async #begin(context: SyncContext, request: Request): Promise<Types.ObjectId> {
    const { tableId } = this.#scene.subject.table;
    const active = await this.#scene.activeJob();
    if (active) return active._id;
    const { versions } = await this.#scene.wms.moment();
    const { _id } = await startJob(context, { tableId, ...request }, 'api');
    this.#begun.set(String(_id), { versions, disturbed: false, changed: false });
    return _id;
  }

  async #toItsEnd(context: SyncContext, id: Types.ObjectId): Promise<void> {
    for (let slice = 0; (await this.#scene.job(id)).active; slice++) {
      await advance(context, id, Date.now() + SLICE_MS);
      expect(slice, 'a run comes to its end').toBeLessThan(20);
    }
  }

  async #during(
    { faults, meanwhile }: LakeTrouble,
    act: (context: SyncContext) => Promise<Types.ObjectId>,
  ): Promise<boolean> {
    const { backend, calls, coverage } = this.#scene;
    const context = await this.#context();
    for (const fault of faults) backend.lake.fault(fault);
    calls.plan(meanwhile);
    const id = await act(context);
    calls.check();
    const begun = this.#begun.get(String(id));
    const struck = backend.lake.faults().some((fault) => fault.struck > 0);
    backend.lake.clearFaults();
    for (const change of calls.changed) coverage.count(`between calls: ${change}`);
    if (begun && struck) begun.disturbed = true;
    if (begun && calls.changed.length > 0) begun.changed = true;
    calls.plan([]);
    const job = await this.#scene.job(id);
    if (!job.active) await this.#judge(job, begun);
    return true;
  }

  async #judge(job: SyncJob, begun: Begun | undefined): Promise<void> {
    const { coverage } = this.#scene;
    if (!begun || !this.#begun.delete(String(job._id))) return;
    const what = job.reconcile ? `reconcile${job.reconcile.repair ? ', repair' : ''}` : job.mode;
    coverage.count(`run: ${what}, ${job.outcome}${job.error ? `, ${job.errorCode}` : ''}`);
    const truth = await this.#truth();
    this.#expectReason(job, begun);
    if (!isComplete(job)) return;
    if (!begun.disturbed && !begun.changed && job.scope.own && !job.scope.whseids) {
      await this.expectNothingLost();
    }
    const certificate = await this.#certificateOf(job);
    if (!certificate) return;
    const { verdict, held, exceptions } = certificate;
    const deletes = await this.#differences().countDocuments({
      jobId: job._id,
      resolution: 'deleted',
    });
    if (deletes > 0) coverage.count(`inferred deletes carried out, ${job.deleteMode}`);
    coverage.count(`certificate: ${verdict}${held > 0 ? ', held' : ''}`);
    for (const { reason } of exceptions) coverage.count(`exception: ${reason}`);
    if (job.reconcile?.repair && verdict !== 'unproven') this.#hasGaps = false;
    if (verdict !== 'equal' && verdict !== 'repaired') return;
    if (begun.disturbed) return;
    const { scope, ceiling } = certificate;
    const isCovered = ({ whseid, places, times }: Fact) =>
      (scope.whseids === null || scope.whseids.includes(whseid)) &&
      places.every((place) => place < begun.versions) &&
      times.every((time) => time <= (ceiling?.getTime() ?? Number.NEGATIVE_INFINITY));
    const untrue = facts(truth).filter(isCovered);
    expect(untrue, `${verdict}: ${JSON.stringify(certificate)}`).toEqual([]);
    coverage.count(`compared: ${verdict}${begun.changed ? ', while rows changed' : ''}`);
  }

  #expectReason(job: SyncJob, begun: Begun): void {
    const { error, errorCode = '' } = job;
    if (!error || isAllRejected(job)) return;
    const hasReason =
      begun.disturbed ||
      errorCode === 'LAKE_TIMES_WENT_BACK' ||
      errorCode === 'RUN_OUTDATED' ||
      (begun.changed && WHERE_ROWS_CHANGE.includes(errorCode));
    expect(hasReason, `failed for no reason: ${JSON.stringify(error)}`).toBe(true);
  }

  async #certificateOf({ _id }: SyncJob): Promise<Certificate | null> {
    return this.#scene.backend.db.collection<Certificate>('synccertificates').findOne({ _id });
  }

  async #held(): Promise<DeleteList | null> {
    const { tableId } = this.#scene.subject.table;
    const { store } = await this.#context();
    return store.deleteLists.held(tableId, new Date());
  }

  #differences(): mongo.Collection<Difference> {
    return this.#scene.backend.db.collection<Difference>('syncdifferences');
  }

  async #truth() {
    const { subject } = this.#scene;
    const [variations, documents] = await Promise.all([
      this.#scene.variations(),
      this.#scene.documents(),
    ]);
    return { subject, variations, documents };
  }

  #context(): Promise<SyncContext> {
    return this.#scene.backend.app().sync();
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
