import { mongo, Types } from 'mongoose';
import { expect, it } from 'vitest';
import {
  alertsForEndedRun,
  ofCertificate,
  ofFailedStart,
  ofFreshness,
  ofRejectsSoFar,
  ofSilence,
  ofSilentRun,
  ofUnrecordedEnd,
  recoveredMessage,
  type Verdict,
} from '../../src/alerts/alert.js';
import { mongodbUriOf } from '../../src/config/mongodb-uri.js';
import { AppError, advice, toAppError, toStoredError } from '../../src/errors/app-error.js';
import { ERROR_CODES, type ErrorCode, entryOf } from '../../src/errors/codes.js';
import { networkReason } from '../../src/errors/network-reason.js';
import { answerError } from '../../src/ion/answer-error.js';
import { networkError } from '../../src/ion/network-error.js';
import type { AlertEvent } from '../../src/models/alert.js';
import type { Certificate } from '../../src/models/reconcile.js';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { createDatabase } from '../../src/store/connection.js';
import { toMongoError } from '../../src/store/driver/mongo-error.js';
import { TABLES } from '../../src/tables/registry.js';
import { textsByFile } from './source-texts.js';

/**
 * The sentences that an operator or a caller reads, by case, each made by the function that makes
 * it in production, or read from its source. Other tests assert codes, fields and numbers, so that a change of wording is a
 * change of `sentences.txt` and of nothing else: read the difference, then `npx vitest run -u`.
 */
const sentences = new Map<string, string>();

function add(name: string, sentence: string | undefined): void {
  if (sentence === undefined || sentences.has(name)) throw new Error(`${name} has no one sentence`);
  sentences.set(name, sentence);
}

function addError(name: string, thrown: unknown): void {
  const { code, message, details } = toAppError(thrown);
  add(`${name}: message`, `${code}: ${message}`);
  for (const [i, { field, message: text }] of details.entries()) {
    add(`${name}: detail ${i + 1}`, field === undefined ? text : `${field}: ${text}`);
  }
}

function addAlerts(name: string, { raise }: Verdict): void {
  for (const { event, message } of raise) add(`alert ${event}, ${name}`, message);
}

/** What the functions below look at; the rest of a job is left out. */
function job(changes: Partial<SyncJob>): SyncJob {
  return {
    _id: new Types.ObjectId('000000000000000000000001'),
    historyId: new Types.ObjectId('000000000000000000000002'),
    tableName: 'Receipt',
    scope: { own: true },
    stats: counts(0, 0),
    ...changes,
  } as SyncJob;
}

const counts = (errorRecords: number, unreadableRecords: number) =>
  ({ errorRecords, unreadableRecords, processedRecords: 9 }) as SyncJob['stats'];

const AT = new Date('2026-01-11T01:00:00.000Z');
const LATER = new Date('2026-01-11T02:00:00.000Z');
const AROUND = { paused: false };

it('of the codes', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    add(`code ${code}: meaning`, entryOf(code).meaning);
    add(`code ${code}: action`, entryOf(code).action);
  }
  add('advice', advice(new AppError('LAKE_QUERY_FAILED', 'no')));
});

it('of the alerts', () => {
  const error = toStoredError(new AppError('LAKE_QUERY_FAILED'));
  const failed = job({ error: 'no', errorCode: 'LAKE_QUERY_FAILED', errorDetails: [] });
  addAlerts('run', alertsForEndedRun(failed, { paused: false, givenUp: '10 failures in a row' }));
  for (const [rejected, unreadable] of [
    [1, 0],
    [2, 0],
    [9, 0],
    [0, 3],
    [1, 3],
  ] as const) {
    const stats = counts(rejected, unreadable);
    addAlerts(`${rejected} and ${unreadable} of 9`, alertsForEndedRun(job({ stats }), AROUND));
  }
  const many = { errorRecords: 500, unreadableRecords: 0, processedRecords: 1_000 };
  addAlerts('in the middle', ofRejectsSoFar(job({}), many));
  addAlerts('start', ofFailedStart('Receipt', error, { givenUp: '10 failures in a row' }));
  const silent = { ...job({}), heartbeat: AT };
  addAlerts('silent', ofSilentRun(silent));
  addAlerts('silent, not taken up', ofSilentRun({ ...silent, unclaimed: 1 as never }));
  const refused = { accepted: false, reason: 'answered 404 instead of 202', at: AT };
  addAlerts('silent, no worker', ofSilentRun({ ...silent, dispatch: refused as never }));
  const finishing = { error: 'no', errorCode: 'MONGODB_FULL', failures: 1 };
  addAlerts('silent, unrecorded', ofSilentRun({ ...silent, finishing: finishing as never }));
  addAlerts('unrecorded', ofUnrecordedEnd(job({ outcome: 'complete' }), error));
  addAlerts('schedule', ofSilence({ from: AT, to: LATER }));
  const config = { tableName: 'Receipt', updatedAt: AT } as SyncConfig;
  addAlerts('source', ofFreshness(config, 60, new Date(LATER.getTime() + 1)));
  const certificate = { remaining: 3, held: 2, verdict: 'different', counts: {} } as Certificate;
  addAlerts('reconcile', ofCertificate(job({}), certificate));
  const events = [
    'failed',
    'paused',
    'stalled',
    'rejects',
    'source_not_fresh',
    'schedule_silent',
    'differences',
    'deletes_held',
  ] as const satisfies readonly AlertEvent[];
  for (const event of events) add(`recovered: ${event}`, recoveredMessage('Receipt', event));
  add('recovered: start', recoveredMessage('Receipt', 'failed', 'EARLIER_DATA'));
});

it('of the gateway and the network', () => {
  for (const code of [
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ETIMEDOUT',
    'EPROTO',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_BAD_RESPONSE',
    'HPE_HEADER_OVERFLOW',
    'HPE_INVALID_CONSTANT',
    'ELSE',
  ]) {
    add(`network ${code}`, networkReason(Object.assign(new Error(), { code })).reason);
  }
  const refusal = Object.assign(new Error(), { code: 'ECONNREFUSED' });
  addError('network error', networkError(refusal, 'h.example'));
  for (const status of [302, 404, 429, 500, 504]) {
    const answer = { status, headers: {}, body: '' };
    addError(`gateway ${status}`, answerError(answer, { host: 'h', now: 0, text: '' }));
  }
});

it('of MongoDB and its connection string', async () => {
  const opening = async (uri: string) => {
    const found: { database?: ReturnType<typeof createDatabase> } = {};
    try {
      found.database = createDatabase(mongodbUriOf(uri), TABLES);
      return await found.database.models();
    } catch (thrown) {
      return thrown;
    } finally {
      await found.database?.close();
    }
  };
  for (const uri of [
    'mongodb+srv://u:p@cluster.invalid:27017/wms',
    'mongodb+srv://u:p@a.invalid,b.invalid/wms',
    'mongodb://u:p%zz@127.0.0.1:1/wms',
    'mongodb://u:p@127.0.0.1:99999/wms',
    'mongodb://u:p@127.0.0.1:1/w.ms',
    'mongodb://u:p@127.0.0.1:1,/wms',
    'mongodb://u:p@127.0.0.1:1/wms&retryWrites=true',
    'mongodb://:p@127.0.0.1:1/wms',
    'mongodb+srv://u:p@a..b.invalid/wms',
    'mongodb://u:p@127.0.0.1:1/wms?tls=true&tlsCAFile=/not-real/ca.pem',
    'mongodb://u:p@127.0.0.1:1/wms?tls=true&tlsCertificateKeyFile=package.json',
    'mongodb://u:p@127.0.0.1:1/wms?retryWrits=true',
    'mongodb://u:p@127.0.0.1:1/wms?authMechanism=SCRAM-512',
  ]) {
    addError(uri, await opening(uri));
  }
  for (const [code, syscall] of [
    ['ENOTFOUND', 'querySrv'],
    ['ENODATA', 'querySrv'],
    ['ECONNREFUSED', 'querySrv'],
    ['ETIMEOUT', 'querySrv'],
    ['ESERVFAIL', 'querySrv'],
    ['EREFUSED', 'querySrv'],
    ['EBADRESP', 'querySrv'],
    ['EAI_AGAIN', 'getaddrinfo'],
    ['ECONNREFUSED', 'connect'],
    ['ECONNRESET', 'read'],
    ['EPIPE', 'write'],
    ['ETIMEDOUT', 'connect'],
    ['EHOSTUNREACH', 'connect'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connect'],
  ] as const) {
    const error = Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
    addError(`MongoDB ${code} of ${syscall}`, toMongoError(error));
  }
  for (const [name, error] of Object.entries({
    'no host': new mongo.MongoAPIError('No addresses found at host'),
    'no primary': new mongo.MongoServerSelectionError(
      'x',
      new mongo.MongoTopologyClosedError() as never,
    ),
  })) {
    addError(`MongoDB, ${name}`, toMongoError(error, { isOpening: true }));
  }
  for (const [code, message] of [
    [18, 'Authentication failed.'],
    [13, 'not authorized on wms to execute command { insert: "a" }'],
    [73, "Invalid database name: 'w ms'"],
    [112, 'WriteConflict'],
    [121, 'Document failed validation'],
    [12_501, 'quota exceeded'],
  ] as const) {
    addError(
      `MongoDB answers ${code}`,
      toMongoError(new mongo.MongoServerError({ message, code })),
    );
  }
});

/** What an operator or a developer runs. */
const TOOLS = ['tools', 'dev', 'dev/test-sync-api', 'dev/demo'];

it('of requests, runs, health, alerts and tools, as they stand in the source', () => {
  for (const folder of ['src/api', 'src/http', 'src/sync', 'src/rows', 'src/alerts', ...TOOLS]) {
    for (const [file, texts] of textsByFile(folder)) {
      if (texts.length > 0) add(file, texts.join('\n  '));
    }
  }
});

it('are those that have been read and agreed on', async () => {
  const lines = [...sentences].map(([name, sentence]) => `${name}\n  ${sentence}`).sort();
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('sentences.txt');
});
