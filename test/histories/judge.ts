import type { Types } from 'mongoose';
import { expect } from 'vitest';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { LakeQuery, SyncJob } from '../../src/models/sync-job.js';
import type { Reply } from '../support/backend.js';
import { differences, sharedKeys, strangers } from './equality.js';
import { expectRange, expectRules, isAllRejected, isComplete } from './rules.js';
import type { Scene } from './stage.js';
import type { Wms } from './wms.js';

interface Circumstances {
  /** The run had been left before. */
  readonly resumed: boolean;
  /** No other run ended in the same command. */
  readonly alone: boolean;
}

interface Uncertain {
  readonly whseid: string;
  /** How many variations there were when it became so. */
  readonly since: number;
  /** The first one stores the delete, the second one may be needed for the row that remains. */
  readonly fullRuns: number;
}

/** Looks at runs as they go on, and holds those that have ended to the rules. */
export class Judge {
  readonly #scene: Scene;
  readonly #wms: Wms;
  /** How many variations there were when a query was sent, by its id. */
  readonly #sentAt = new Map<string, number>();
  /** Runs that may fail: something was done to them. */
  readonly #excused = new Set<string>();
  readonly #replies = new Map<string, Reply>();
  readonly #judged = new Set<string>();
  /** Keys that can't be compared until full runs have read them. */
  readonly #uncertain = new Map<string, Uncertain>();

  constructor(scene: Scene, wms: Wms) {
    this.#scene = scene;
    this.#wms = wms;
  }

  excuse(id: Types.ObjectId): void {
    this.#excused.add(String(id));
  }

  keepReply(id: Types.ObjectId, reply: Reply): void {
    this.#replies.set(String(id), reply);
  }

  /** The lake has not changed since the command began. */
  async look(job: SyncJob, before: SyncConfig, circumstances: Circumstances): Promise<void> {
    for (const query of [job.countQuery, job.query]) this.#note(query);
    for (const { key, whseid } of this.#wms.takeUncertain()) {
      this.#uncertain.set(key, { whseid, since: this.#wms.versions, fullRuns: 2 });
    }
    const id = String(job._id);
    if (job.active || this.#judged.has(id)) return;
    this.#judged.add(id);
    const { coverage } = this.#scene;
    coverage.count(`run: ${job.mode}, ${job.outcome}${job.scope.own ? '' : ', not own'}`);
    if (job.modeReason === 'rest_of_earlier_run') coverage.count('run: rest of an earlier one');
    if (job.split) coverage.count('run: split');
    if (job.error) {
      coverage.count(`error: ${job.error.code}`);
      const isExcused = this.#excused.has(id) || isAllRejected(job);
      expect(isExcused, `failed for no reason: ${JSON.stringify(job.error)}`).toBe(true);
    }
    if (circumstances.alone) {
      const after = await this.#scene.config();
      await expectRules(this.#scene, { job, before, after, reply: this.#replies.get(id) });
    }
    await this.#compare(job, circumstances);
  }

  /** Of a full run right after another one. */
  async expectNoChange(before: SyncJob, { mode, outcome, stats }: SyncJob): Promise<void> {
    if (mode !== 'full' || outcome === 'nothing_new') return;
    const variations = await this.#scene.variations();
    const shared = sharedKeys({ subject: this.#scene.subject, variations });
    if (shared.collisions > 0 || this.#uncertain.size > 0) return;
    const { insertedRecords, updatedRecords, deletedRecords } = stats;
    const changed = insertedRecords + updatedRecords;
    expect(changed - deletedRecords, `live rows: ${JSON.stringify(stats)}`).toBe(0);
    // The first run into an empty collection does not look at deletes.
    if (!before.deleteFlag) return;
    // Which of several deletes of a key is the newest is known once all of them are stored.
    expect(deletedRecords, JSON.stringify(stats)).toBeLessThanOrEqual(shared.reusedAndDeleted);
    this.#scene.coverage.count('full run that modified nothing');
  }

  #note(query: LakeQuery | undefined): void {
    if (query && !this.#sentAt.has(query.id)) this.#sentAt.set(query.id, this.#wms.versions);
  }

  async #compare(job: SyncJob, { resumed, alone }: Circumstances): Promise<void> {
    const { subject, coverage } = this.#scene;
    const [variations, documents] = await Promise.all([
      this.#scene.variations(),
      this.#scene.documents(),
    ]);
    const all = { subject, variations, documents };
    expect(strangers(all), 'documents that the lake does not have').toEqual([]);
    if (!isComplete(job)) return;
    const { scope, mode, modeReason } = job;
    const isWhole = modeReason !== 'rest_of_earlier_run' && !resumed && alone;
    if (isWhole && !scope.date) expectRange(subject, job, variations);
    // Each query of a split run has read another part at another time.
    const query = job.split ? job.countQuery : (job.query ?? job.countQuery);
    const versions = this.#sentAt.get(query?.id ?? '') ?? 0;
    if (mode === 'full') this.#settleUncertain(scope.whseids, versions);
    const found = differences({
      ...all,
      whseids: scope.whseids,
      added: scope.date,
      versions,
      ceiling: job.range.ceiling?.getTime() ?? Number.POSITIVE_INFINITY,
      uncertain: new Set(this.#uncertain.keys()),
      everyDelete: mode === 'full' && job.deleteFlag,
    });
    expect(found, `after ${mode} run ${String(job._id)}`).toEqual([]);
    coverage.count(`compared with the lake after a run ${scope.own ? '' : 'not '}of its own scope`);
  }

  #settleUncertain(whseids: readonly string[] | undefined, versions: number): void {
    for (const [key, uncertain] of this.#uncertain) {
      const { whseid, since, fullRuns } = uncertain;
      if (versions < since || (whseids && !whseids.includes(whseid))) continue;
      if (fullRuns > 1) this.#uncertain.set(key, { ...uncertain, fullRuns: fullRuns - 1 });
      else this.#uncertain.delete(key);
    }
  }
}
