import mongoose, { Schema } from 'mongoose';

const mixed = Schema.Types.Mixed;
const stamped = { timestamps: true };

/** The models of the earlier version, as far as their documents matter. */
function earlierModels(connection: mongoose.Connection) {
  const row = (key: string) =>
    new Schema({ WHSEID: String, [key]: String, STATUS: String, ADDDATE: Date }, stamped);
  return {
    configs: connection.model(
      'SyncConfig',
      new Schema(
        {
          tableId: String,
          tableName: String,
          description: String,
          enabled: { type: Boolean, default: true },
          syncFrequency: Number,
          initialSync: Boolean,
          batchSize: Number,
          maxRecords: Number,
          lastSyncDate: Date,
          lastSyncStatus: String,
          lastSyncJobId: Schema.Types.ObjectId,
          options: mixed,
        },
        stamped,
      ),
    ),
    jobs: connection.model(
      'SyncJob',
      new Schema(
        { jobType: String, status: String, options: mixed, stats: mixed, error: mixed },
        stamped,
      ),
    ),
    history: connection.model(
      'SyncHistory',
      new Schema(
        {
          tableId: String,
          tableName: String,
          syncJobId: { type: Schema.Types.ObjectId, index: true },
          status: String,
          startTime: { type: Date, index: true },
          endTime: Date,
          duration: Number,
          recordsProcessed: Number,
          recordsInserted: Number,
          recordsUpdated: Number,
          recordsError: Number,
          error: mixed,
          options: mixed,
        },
        stamped,
      ),
    ),
    settings: connection.model(
      'Setting',
      new Schema({ key: { type: String, unique: true }, value: mixed, description: String }),
    ),
    taskdetail: connection.model('TaskDetail', row('TASKDETAILKEY')),
    receipt: connection.model('Receipt', row('RECEIPTKEY')),
  };
}

export const LAST_SYNC = new Date('2025-05-01T10:00:00Z');

export interface EarlierDatabase {
  readonly endedJob: mongoose.Types.ObjectId;
  readonly openJob: mongoose.Types.ObjectId;
}

/** Leaves a database as the earlier version does, written through Mongoose like there. */
export async function makeEarlierDatabase(uri: string): Promise<EarlierDatabase> {
  const connection = await mongoose.createConnection(uri).asPromise();
  const models = earlierModels(connection);
  await Promise.all(Object.values(models).map((model) => model.init()));
  const { configs, jobs, history, settings, taskdetail, receipt } = models;

  const stats = {
    totalRecords: 12,
    processedRecords: 12,
    insertedRecords: 12,
    updatedRecords: 0,
    errorRecords: 0,
    startTime: LAST_SYNC,
    endTime: new Date(LAST_SYNC.getTime() + 5_000),
    duration: 5,
  };
  const ended = await jobs.create({
    jobType: 'taskdetail',
    status: 'completed',
    options: {},
    stats,
  });
  const open = await jobs.create({ jobType: 'receipt', status: 'in_progress', options: {} });

  await configs.create({ tableId: 'taskdetail', tableName: 'old twin', syncFrequency: 5 });
  await configs.create({
    tableId: 'taskdetail',
    tableName: 'Tasks',
    description: 'ours',
    syncFrequency: 15,
    initialSync: false,
    batchSize: 500,
    maxRecords: 0,
    lastSyncDate: LAST_SYNC,
    lastSyncStatus: 'completed',
    lastSyncJobId: ended._id,
    options: { whseid: 'wmwhse1', retries: 3 },
  });
  await configs.create({ tableId: 'receipt', tableName: 'Receipt', enabled: false, batchSize: -1 });
  await configs.create({ tableId: 'pickdetail', tableName: 'Picks', syncFrequency: 60 });

  const run = { tableId: 'taskdetail', tableName: 'Tasks', options: {} };
  await history.create({
    ...run,
    syncJobId: ended._id,
    status: 'completed',
    startTime: LAST_SYNC,
    endTime: stats.endTime,
    duration: 5,
    recordsProcessed: 12,
    recordsInserted: 12,
    recordsUpdated: 0,
    recordsError: 0,
  });
  await history.create({ ...run, tableId: 'receipt', syncJobId: open._id, status: 'in_progress' });
  await settings.create({ key: 'theme', value: { dark: true }, description: 'of the page' });
  const keys = Array.from({ length: 12 }, (_, i) => String(i).padStart(10, '0'));
  const rows = (name: string) =>
    keys.map((key) => ({ WHSEID: 'wmwhse1', [name]: key, STATUS: '9' }));
  await taskdetail.insertMany(rows('TASKDETAILKEY'));
  await receipt.insertMany(rows('RECEIPTKEY'));
  await connection.close();
  return { endedJob: ended._id, openJob: open._id };
}
