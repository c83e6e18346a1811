import type { Types } from 'mongoose';
import { expect } from 'vitest';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import type { Reply } from '../support/backend.js';
import { type Comparison, differences, sharedKeys, strangers, timesWentBack } from './equality.js';
import { Excuses, expectOutdated } from './excuses.js';
import { expectRange, expectRules, isAllRejected, isComplete } from './rules.js';
import type { Scene } from './stage.js';

export interface Circumstances {
  /** The run that had been left before the command, as it was. */
  readonly left: SyncJob | null;
  /** No other run ended in the same command. */
  readonly alone: boolean;
  /** Nothing was stored before the command. */
  readonly wasEmpty: boolean;
}

type Seen = Pick<Comparison, 'subject' | 'variations' | 'documents'>;
type Compared = Seen & Pick<Comparison, 'deletesTold'>;

/** Looks at runs as they go on, and holds those that have ended to the rules. */
export class Judge {
  readonly excuses = new Excuses();
  readonly #scene: Scene;
  readonly #replies = new Map<string, Reply>();
  readonly #judged = new Set<string>();
  /** The configuration has not learned the object's delete flag, since the lake misbehaved. */
  #flagIsLost = false;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  keepReply(id: Types.ObjectId, reply: Reply): void {
    this.#replies.set(String(id), reply);
  }

  async look(job: SyncJob, before: SyncConfig, circumstances: Circumstances): Promise<void> {
    const id = String(job._id);
    if (job.active || this.#judged.has(id)) return;
    this.#judged.add(id);
    this.#count(job);
    const seen = await this.#seen();
    expect(strangers(seen), 'documents that the lake does not have').toEqual([]);
    if (expectOutdated(job, before, circumstances.left)) return;
    this.excuses.expectReason(job, timesWentBack(seen));
    if (circumstances.alone) {
      const after = await this.#scene.config();
      const { wasEmpty } = circumstances;
      const reply = this.#replies.get(id);
      await expectRules(this.#scene, { job, before, after, reply, wasEmpty });
    }
    const hasOnlyRejects = this.#hasOnlyRejects(job);
    if (!job.proof && !hasOnlyRejects) return;
    const deletesTold = this.#learnedFlag(job);
    if (isComplete(job) || hasOnlyRejects) {
      await this.#compare(job, { ...seen, deletesTold }, circumstances);
    }
  }

  /** Of a full run right after another one. */
  async expectNoChange(before: SyncJob, { mode, outcome, stats }: SyncJob): Promise<void> {
    if (mode !== 'full' || outcome === 'nothing_new') return;
    const shared = sharedKeys(await this.#seen());
    if (shared.collisions > 0) return;
    const { insertedRecords, updatedRecords, deletedRecords } = stats;
    const changed = insertedRecords + updatedRecords;
    expect(changed - deletedRecords, `live rows: ${JSON.stringify(stats)}`).toBe(0);
    // Into an untouched collection nothing deleted is read.
    if (!before.deleteFlag) return;
    // Which of several deletes of a key is the newest is known once all of them are stored.
    expect(deletedRecords, JSON.stringify(stats)).toBeLessThanOrEqual(shared.reusedAndDeleted);
    this.#scene.coverage.count('full run that modified nothing');
  }

  #count(job: SyncJob): void {
    const { coverage } = this.#scene;
    coverage.count(`run: ${job.mode}, ${job.outcome}${job.scope.own ? '' : ', not own'}`);
    if (job.modeReason) coverage.count(`reason: ${job.modeReason}`);
    if (job.split) coverage.count('run: split');
    if (job.proof) coverage.count(`proof: ${job.proof.how}`);
    if (job.contradictions) coverage.count('run: contradicted');
    if (job.error) coverage.count(`error: ${job.errorCode}`);
  }

  async #seen(): Promise<Seen> {
    const { subject } = this.#scene;
    const [variations, documents] = await Promise.all([
      this.#scene.variations(),
      this.#scene.documents(),
    ]);
    return { subject, variations, documents };
  }

  async #compare(job: SyncJob, seen: Compared, circumstances: Circumstances): Promise<void> {
    const { coverage } = this.#scene;
    const { scope, mode } = job;
    const isDisturbed = this.excuses.isDisturbed(job);
    // Counting before and after is an indication, no proof.
    if (job.proof?.how === 'bounded' && (isDisturbed || isRest(job))) {
      coverage.count('not compared: bounded, and disturbed');
      return this.#scene.wms.doubt();
    }
    const { left, alone } = circumstances;
    const isWhole = !isRest(job) && !left && alone && !isDisturbed && !this.#scene.wms.hasHidden;
    if (isWhole && !scope.date) expectRange(job, seen.variations);
    // Each query of a split run has read another part at another time.
    const query = job.split ? job.countQuery : (job.query ?? job.countQuery);
    const { versions, tick } = this.#scene.calls.sentAt(query?.id ?? '') ?? NEVER;
    const { doubts } = this.#scene.wms;
    if (mode === 'full' && seen.deletesTold === seen.subject.flagged)
      doubts.settle(scope.whseids, tick);
    const found = differences({
      ...seen,
      whseids: scope.whseids,
      added: scope.date,
      versions,
      ceiling: job.range.ceiling?.getTime() ?? Number.POSITIVE_INFINITY,
      asOf: job.asOf?.getTime() ?? Number.POSITIVE_INFINITY,
      from: mode === 'incremental' ? job.range.from?.getTime() : undefined,
      uncertain: doubts.keys,
      everyDelete: mode === 'full' && job.deleteFlag,
    });
    expect(found, `after ${mode} run ${String(job._id)}`).toEqual([]);
    coverage.count(`compared with the lake after a run ${scope.own ? '' : 'not '}of its own scope`);
    if (isDisturbed) coverage.count('compared with the lake after a run that was disturbed');
  }

  /**
   * Such a run fails only once it has been shown that it read all rows of its range: MongoDB holds
   * whatever can be stored of them, also where a table never has a complete run.
   */
  #hasOnlyRejects(job: SyncJob): boolean {
    return isAllRejected(job) && !isRest(job) && !this.excuses.isDisturbed(job);
  }

  /** Where the lake behaved, a run knows whether the object tells deletes. */
  #learnedFlag(job: SyncJob): boolean {
    const { lakeObject, deleteFlag, scope } = job;
    const told = lakeObject ? lakeObject.deletes === 'told' : deleteFlag;
    const isRight = told === this.#scene.subject.flagged;
    if (!isRight) {
      expect(this.#flagIsLost || this.excuses.isDisturbed(job), 'the delete flag').toBe(true);
      this.#scene.coverage.count('run: wrong about the delete flag');
      this.#scene.wms.doubtShared();
    }
    // A run that failed teaches the configuration nothing.
    if (scope.own && job.proof) this.#flagIsLost = !isRight;
    return told;
  }
}

const NEVER = { versions: 0, tick: 0 };

function isRest({ modeReason }: SyncJob): boolean {
  return modeReason === 'rest_of_earlier_run';
}
