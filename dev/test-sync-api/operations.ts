import { z } from 'zod';
import { PAUSED_BY_REQUEST } from '../../src/models/sync-config.js';
import { correctHistory } from './correct-history.js';
import { readDeepHealth } from './deep-health.js';
import { expectAnswer } from './expect-answer.js';
import { codeOf, Failure, failureOf } from './failure.js';
import { followJob, jobStatus } from './follow.js';
import type { Operation, Session } from './session.js';
import * as shapes from './shapes.js';
import { troubleOf } from './table-trouble.js';

export const OPERATIONS: readonly Operation[] = [
  { label: 'POST init-sync-config', run: initConfigs },
  { label: 'GET sync-config', run: getConfigs },
  { label: 'PUT sync-config', run: updateConfig },
  { label: 'POST sync-table', run: startJob },
  { label: 'GET sync-status', run: watchJob },
  { label: 'GET sync-history', run: readHistory },
  { label: 'PUT update-sync-history', run: correctHistory },
  { label: 'GET sync-stats', run: readStats },
  // Both before the pass below, which would hide that no other one comes.
  { label: 'GET health?deep=1', run: readDeepHealth },
  { label: 'POST scheduled-sync', run: runScheduled },
];

/** Without `force`, so that configurations which exist stay as they are. */
async function initConfigs({ client }: Session): Promise<string> {
  const reply = await expectAnswer(client, 'init-sync-config', { body: {} });
  const answer = shapes.promised(shapes.initAnswer, reply);
  if ('configs' in answer) return `${answer.count} configurations, some of them new`;
  return `${answer.existingCount} configurations exist already; none was changed`;
}

async function getConfigs(session: Session): Promise<string> {
  const { client } = session;
  const all = await expectAnswer(client, 'sync-config', {});
  const configs = shapes.promised(z.array(shapes.config), all);
  const byRequest = configs.filter(({ pausedReason }) => pausedReason === PAUSED_BY_REQUEST);
  session.paused = byRequest.map(({ tableId }) => tableId);
  const wanted = session.tableId;
  const chosen = configs.find(({ tableId, enabled }) => (wanted ? tableId === wanted : enabled));
  if (!chosen) {
    const known = configs.map(({ tableId }) => tableId).join(', ');
    const options = { remedy: `Name one by --table: ${known || 'none is there'}.`, final: true };
    throw new Failure(wanted ? `There is no table ${wanted}` : 'No table is enabled', options);
  }
  session.tableId = chosen.tableId;
  const one = await expectAnswer(client, 'sync-config', { query: { tableId: chosen.tableId } });
  session.syncFrequency = shapes.promised(shapes.config, one).syncFrequency;
  return configs
    .map(({ tableId, enabled, syncFrequency }) => {
      return `${tableId} ${enabled ? `${syncFrequency} min` : 'off'}`;
    })
    .join(', ');
}

/** Writes back the value that was read. */
async function updateConfig({ client, tableId, syncFrequency }: Session): Promise<string> {
  if (!tableId || syncFrequency === undefined) throw new Failure('There is no table to update');
  const body = { tableId, syncFrequency };
  const reply = await expectAnswer(client, 'sync-config', { method: 'PUT', body });
  const config = shapes.promised(shapes.config, reply);
  if (config.tableId === tableId && config.syncFrequency === syncFrequency) {
    return `${tableId}: syncFrequency ${syncFrequency}, as it was`;
  }
  throw new Failure(`${config.tableId} has syncFrequency ${config.syncFrequency} now`);
}

async function startJob(session: Session): Promise<string> {
  const { client, tableId } = session;
  if (!tableId) throw new Failure('There is no table to sync');
  const reply = await client.call('sync-table', { body: { tableId } });
  // A run that failed, or one that is under way, has its ids in the answer too.
  const ids = jobIds.safeParse(reply.body).data;
  if (ids) Object.assign(session, ids);
  if (codeOf(reply) === 'SYNC_RUNNING' && ids) return `${tableId}: a run is active already`;
  if (reply.status !== 200 && reply.status !== 202) throw failureOf('sync-table', reply);
  const { message, stats } = shapes.promised(shapes.startAnswer, reply);
  return reply.status === 202 ? `202: ${message}` : `${message}: ${countsOf(stats)}`;
}

async function watchJob(session: Session): Promise<string> {
  const { client, tableId, jobId, historyId, follow } = session;
  if (!tableId || !jobId || !historyId) throw new Failure('There is no job to ask about');
  const { job } = await followJob(client, { tableId, jobId }, follow);
  if (job.status === 'failed') throw new Failure(`The job failed: ${shapes.reasonOf(job)}`);
  session.notes.push(...(job.warnings ?? []).map((warning) => `warning: ${warning}`));
  const byEntry = await jobStatus(client, { historyId });
  if (byEntry.job._id !== jobId) throw new Failure('?historyId leads to another job than ?jobId');
  return `${job.status}: ${countsOf(job.stats)}`;
}

async function readHistory(session: Session): Promise<string> {
  const { client, tableId, jobId } = session;
  if (!tableId) throw new Failure('There is no table to ask about');
  const query = { tableId, page: '1', limit: '5' };
  const reply = await expectAnswer(client, 'sync-history', { query });
  const { history, pagination } = shapes.promised(shapes.historyAnswer, reply);
  const { total, page, limit, pages } = pagination;
  if (page !== 1 || limit !== 5 || pages !== Math.ceil(total / 5)) {
    throw new Failure(`The pagination can't be right: ${JSON.stringify(pagination)}`);
  }
  if (jobId && !history.some((entry) => entry.syncJobId === jobId)) {
    throw new Failure('The run is not among the newest five');
  }
  // Not one that a run is about to write.
  session.historyEntry = history.find(({ status }) => ['completed', 'failed'].includes(status));
  return `${plural(total, 'run')} of ${tableId}, ${plural(pages, 'page')} of 5`;
}

/** Names tables that the statistics call overdue or refused, and those whose turn was long ago. */
async function readStats({ client, tableId, notes, paused = [] }: Session): Promise<string> {
  const all = await expectAnswer(client, 'sync-stats', {});
  const { tables } = shapes.promised(shapes.statsAnswer, all);
  const troubles = tables.flatMap(
    (table) => troubleOf(table, Date.now(), paused.includes(table.tableId)) ?? [],
  );
  notes.push(...troubles);
  if (troubles.length > 0) throw new Failure(`${plural(troubles.length, 'table')} not in order`);
  if (!tableId) return plural(tables.length, 'table');
  const one = await expectAnswer(client, 'sync-stats', { query: { tableId } });
  const { syncHistory } = shapes.promised(shapes.tableStats, one);
  const { total, successful, failed } = syncHistory;
  return [
    `${plural(tables.length, 'table')}; ${tableId}: ${plural(total, 'run')}`,
    `${successful} successful`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}

/**
 * Deployed, a scheduled function has no address; its pass on demand has. Netlify's CLI runs it,
 * but answers with a sentence of its own.
 */
async function runScheduled(session: Session): Promise<string> {
  const { client } = session;
  const scheduled = await client.call('scheduled-sync', { body: {} });
  const absent = scheduled.status === 404 && codeOf(scheduled) === undefined;
  const unseen = scheduled.status === 200 && /is a scheduled function/.test(scheduled.text);
  const onDemand = absent || unseen;
  const [name, reply] = onDemand
    ? (['sync-run-due', await client.call('sync-run-due', { body: {} })] as const)
    : (['scheduled-sync', scheduled] as const);
  if (reply.status !== 200) throw failureOf(name, reply);
  const { message, errors } = shapes.promised(shapes.scheduledAnswer, reply);
  if (errors.length > 0) {
    session.notes.push(...errors.map(shapes.refusalText));
    throw new Failure(message);
  }
  return onDemand ? `by ${name}: ${message}` : message;
}

const jobIds = z.union([
  z.object({ jobId: z.string(), historyId: z.string() }),
  z
    .object({ details: z.tuple([z.object({ jobId: z.string(), historyId: z.string() })]) })
    .transform(({ details: [ids] }) => ids),
]);

function countsOf(stats: shapes.Job['stats']): string {
  const counts = [
    [stats.processedRecords, 'read'],
    [stats.insertedRecords, 'created'],
    [stats.updatedRecords, 'updated'],
    [stats.unchangedRecords ?? 0, 'unchanged'],
  ] as const;
  const rare = [
    [stats.staleRecords ?? 0, 'stale'],
    [stats.errorRecords, 'rejected'],
  ] as const;
  return [...counts, ...rare.filter(([count]) => count > 0)]
    .map(([count, what]) => `${count.toLocaleString('en')} ${what}`)
    .join(', ');
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
