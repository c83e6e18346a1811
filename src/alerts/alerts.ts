import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import type { StoredError } from '../errors/app-error.js';
import type { ColumnDrift } from '../models/column-drift.js';
import type { Certificate } from '../models/reconcile.js';
import type { SyncJob } from '../models/sync-job.js';
import type { Store } from '../store/store.js';
import {
  alertsForEndedRun,
  type FailedStart,
  ofCertificate,
  ofColumns,
  ofFailedStart,
  ofFreshness,
  ofRefusedStart,
  ofRejectsSoFar,
  ofSilence,
  ofSilentRun,
  ofUnrecordedEnd,
  type RejectCounts,
  SCHEDULE_GOES_ON,
  type Silence,
  type SilentRun,
  type Standing,
  type Verdict,
} from './alert.js';
import { deliver, type Mailbox } from './deliver.js';
import { sendHeartbeat } from './heartbeat.js';
import type { Post } from './post.js';
import { close, closeCauses, raise, type Subject } from './raise.js';
import type { Signing } from './signing.js';

/** Of an event that is about no single table. */
const SCHEDULE: Subject = { tableId: '*', tableName: 'The schedule' };

/**
 * Tells a webhook what goes wrong with a table, and when it is over. Whatever happens here
 * is no matter of the run or pass that calls: nothing is thrown, and every wait is bounded.
 * With no webhook set nothing is stored.
 */
export interface Alerts {
  /** To be told before the end is on record, so that a crash in between repeats it. */
  runEnded(job: SyncJob, standing: Standing): Promise<void>;
  /**
   * To be told while a run reads: sent at once where a large share of its rows is rejected.
   * @returns whether it was
   */
  rejectedSoFar(job: SyncJob, counts: RejectCounts): Promise<boolean>;
  startFailed(subject: Subject, error: StoredError, how?: FailedStart): Promise<void>;
  startRefused(subject: Subject, error: StoredError): Promise<void>;
  /** A run could be started: these causes are over. */
  startAllowed(subject: Subject, causes: readonly string[]): Promise<void>;
  runTakenUp(job: SilentRun): Promise<void>;
  endNotRecorded(job: SyncJob, error: StoredError): Promise<void>;
  /** A table was compared with the lake. */
  reconciled(job: SyncJob, certificate: Certificate): Promise<void>;
  /** A run has compared the lake's columns with those that are known. To be told before it is on record. */
  columnsCompared(job: SyncJob, news: readonly ColumnDrift[]): Promise<void>;
  /** A sign of life of the site after a time without passes. */
  scheduleWasSilent(silence: Silence): Promise<void>;
  /** A pass soon after the one before. */
  scheduleGoesOn(): Promise<void>;
  /** Sends what has just been raised. */
  deliverNew(): Promise<void>;
  /** What each pass of the schedule does: looks how fresh the tables are, sends what waits. */
  pass(): Promise<void>;
  /** Tells the receiver of heartbeats, if one is set, that a pass has ended. @param deadline epoch ms */
  heartbeat(deadline: number): Promise<void>;
}

interface AlertParts {
  readonly store: Pick<Store, 'alerts' | 'configs' | 'health' | 'rejects'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly post: Post;
  readonly signing: Signing;
  settings(): Promise<{
    readonly alertWebhookUrl: string | null;
    readonly heartbeatUrl: string | null;
    readonly freshnessLimitMinutes: number | null;
  }>;
}

export function createAlerts({ settings, ...parts }: AlertParts): Alerts {
  const webhookUrl = async () => (await settings()).alertWebhookUrl;
  const isOn = async () => (await webhookUrl()) !== null;
  const mailbox: Mailbox = { ...parts, webhookUrl };

  async function tell(subject: Subject, { raise: raised, close: over }: Verdict): Promise<void> {
    if (over.length > 0) await close(mailbox, subject, over, isOn);
    if (raised.length === 0 || !(await isOn())) return;
    for (const notice of raised) await raise(mailbox, subject, notice);
  }

  async function checkFreshness(): Promise<void> {
    const { alertWebhookUrl, freshnessLimitMinutes: limit } = await settings();
    if (alertWebhookUrl === null || limit === null) return;
    const configs = await parts.store.configs.listEnabledWithNow();
    for (const config of configs) await tell(config, ofFreshness(config, limit, config.now));
  }

  async function quietly(what: string, action: () => Promise<void>): Promise<void> {
    await action().catch((error) => parts.log.error({ err: error }, what));
  }

  return {
    runEnded: (job, standing) =>
      quietly('alert not stored', () => tell(job, alertsForEndedRun(job, standing))),
    async rejectedSoFar(job, counts) {
      const verdict = ofRejectsSoFar(job, counts);
      if (verdict.raise.length === 0) return false;
      await quietly('alert not stored', () => tell(job, verdict));
      await quietly('alerts not delivered', () => deliver(mailbox, 'new'));
      return true;
    },
    startFailed: (subject, error, how) =>
      quietly('alert not stored', () =>
        tell(subject, ofFailedStart(subject.tableName, error, how)),
      ),
    startRefused: (subject, error) =>
      quietly('alert not stored', () => tell(subject, ofRefusedStart(subject.tableName, error))),
    startAllowed: (subject, causes) =>
      quietly('alert not stored', () => closeCauses(mailbox, subject, causes, isOn)),
    runTakenUp: (job) => quietly('alert not stored', () => tell(job, ofSilentRun(job))),
    endNotRecorded: (job, error) =>
      quietly('alert not stored', () => tell(job, ofUnrecordedEnd(job, error))),
    reconciled: (job, certificate) =>
      quietly('alert not stored', () => tell(job, ofCertificate(job, certificate))),
    columnsCompared: (job, news) =>
      quietly('alert not stored', () => tell(job, ofColumns(job, news))),
    scheduleWasSilent: (silence) =>
      quietly('alert not stored', () => tell(SCHEDULE, ofSilence(silence))),
    heartbeat: (deadline) =>
      quietly('heartbeat not sent', async () => {
        const heartbeatUrl = async () => (await settings()).heartbeatUrl;
        await sendHeartbeat({ ...parts, heartbeatUrl }, deadline);
      }),
    scheduleGoesOn: () => quietly('alert not stored', () => tell(SCHEDULE, SCHEDULE_GOES_ON)),
    deliverNew: () => quietly('alerts not delivered', () => deliver(mailbox, 'new')),
    async pass() {
      await quietly('freshness not checked', checkFreshness);
      await quietly('alerts not delivered', () => deliver(mailbox, 'all'));
    },
  };
}
