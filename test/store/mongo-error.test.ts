import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/app-error.js';
import {
  isAboutTheRow,
  isDuplicateKey,
  isTransient,
  toMongoError,
} from '../../src/store/driver/mongo-error.js';
import { testDatabase } from '../support/database.js';

const SECRET = 'mongodb://somebody:not-a-real-password@db.example:27017';
const { db, uri } = await testDatabase();
const rows = db.collection<{ _id: number; n?: unknown }>('rows');

const thrownBy = (run: () => Promise<unknown>): Promise<Error> =>
  run().then(
    () => new Error('nothing was thrown'),
    (error: Error) => error,
  );

function serverError(
  code: number,
  label?: string,
  message = 'said the server',
): mongo.MongoServerError {
  const error = new mongo.MongoServerError({ message, code });
  if (label) error.addErrorLabel(label);
  return error;
}

describe('an error of the real server', () => {
  it('over a duplicate key is one that does not pass, with its text', async () => {
    await rows.insertOne({ _id: 1 });
    const thrown = await thrownBy(() => rows.insertOne({ _id: 1 }));
    expect(isDuplicateKey(thrown)).toBe(true);
    expect(toMongoError(thrown)).toMatchObject({
      code: 'MONGODB_FAILED',
      details: [{ message: expect.stringContaining('E11000') }],
    });
  });

  it('over a wrong operation has the text of the server', async () => {
    const thrown = await thrownBy(() => rows.aggregate([{ $nonsense: 1 }]).toArray());
    expect(toMongoError(thrown)).toMatchObject({ code: 'MONGODB_FAILED', retriable: false });
    expect(toMongoError(thrown).details[0]?.message).toContain('$nonsense');
  });

  it('over a user that it does not know is a refusal', async () => {
    const url = new URL(uri);
    url.username = 'nobody';
    url.password = 'not-a-real-password';
    const client = new mongo.MongoClient(url.href, { serverSelectionTimeoutMS: 2_000 });
    const error = toMongoError(await thrownBy(() => client.db().command({ ping: 1 })));
    await client.close();
    expect(error.code).toBe('MONGODB_AUTH_REFUSED');
    expect(JSON.stringify(error)).not.toContain('not-a-real-password');
  });

  it('that is not there is unreachable, and names neither host nor user', async () => {
    const client = new mongo.MongoClient('mongodb://somebody:not-a-real-password@127.0.0.1:1', {
      serverSelectionTimeoutMS: 100,
    });
    const error = toMongoError(await thrownBy(() => client.db().command({ ping: 1 })));
    await client.close();
    expect(error).toMatchObject({ code: 'MONGODB_UNREACHABLE', retriable: true });
    expect(error.message).not.toMatch(/127\.0\.0\.1|somebody|password/);
  });
});

describe('an error', () => {
  it.each<[string, unknown, string]>([
    ['an interrupted operation', serverError(11_601 + 1), 'MONGODB_BUSY'],
    ['a shutdown', serverError(91), 'MONGODB_BUSY'],
    ['a step-down', serverError(10_107), 'MONGODB_BUSY'],
    ['a write conflict', serverError(112), 'MONGODB_BUSY'],
    ['a labelled transaction error', serverError(1, 'TransientTransactionError'), 'MONGODB_BUSY'],
    ['a labelled write error', serverError(1, 'RetryableWriteError'), 'MONGODB_BUSY'],
    ['failed authentication', serverError(18), 'MONGODB_AUTH_REFUSED'],
    ['a missing right', serverError(13), 'MONGODB_AUTH_REFUSED'],
    ["Atlas' bad auth", serverError(8000, '', 'bad auth : failed'), 'MONGODB_AUTH_REFUSED'],
    [
      'a full Atlas cluster',
      serverError(8000, '', 'you are over your space quota, using 514 MB of 512 MB'),
      'MONGODB_FULL',
    ],
    ['a full disk', serverError(14_031), 'MONGODB_FULL'],
    ['something else that Atlas refuses', serverError(8000), 'MONGODB_FAILED'],
    ['a write that is not confirmed', serverError(64), 'MONGODB_BUSY'],
    ['a majority that cannot be read yet', serverError(134), 'MONGODB_BUSY'],
    ['a shard without a primary', serverError(133), 'MONGODB_BUSY'],
    ['cache pressure', serverError(365), 'MONGODB_BUSY'],
    ['overload, by its label', serverError(1, 'SystemOverloadedError'), 'MONGODB_BUSY'],
    ['anything else that the server says', serverError(2), 'MONGODB_FAILED'],
    ['a broken connection', new mongo.MongoNetworkError(SECRET), 'MONGODB_UNREACHABLE'],
    [
      'a wrong argument, which is our fault',
      new mongo.MongoInvalidArgumentError(SECRET),
      'INTERNAL',
    ],
    ['a fault of the program', new TypeError(SECRET), 'INTERNAL'],
    ['something that is no error', SECRET, 'INTERNAL'],
  ])("that is %s has its code, and no foreign text but the server's", (_name, thrown, code) => {
    const error = toMongoError(thrown);
    expect(error.code).toBe(code);
    expect(JSON.stringify({ message: error.message, details: error.details })).not.toContain(
      'not-a-real-password',
    );
  });

  it('of our own stays as it is', () => {
    const own = new AppError('SYNC_RUNNING');
    expect(toMongoError(own)).toBe(own);
  });

  it.each([
    [11_602, true],
    [112, true],
    [11_000, false],
    [13, false],
    [undefined, false],
    ['112', false],
  ])('code %s is transient: %s', (code, transient) => {
    expect(isTransient(code)).toBe(transient);
  });

  it.each<[number, string, boolean]>([
    [121, 'Document failed validation', true],
    [10_334, 'BSONObj size is invalid', true],
    [11_000, 'E11000 duplicate key error collection: a.b index: of_others dup key: { X: 1 }', true],
    [11_000, 'E11000 duplicate key error collection: a.b index: _id_ dup key: { _id: "x" }', false],
    [
      11_000,
      'E11000 duplicate key error collection: a.b index: _id_ dup key: { _id: " index: of_others dup key:" }',
      false,
    ],
    [11_000, '', false],
    [8000, 'you are over your space quota', false],
    [13, 'not authorized', false],
    [14_031, 'out of disk space', false],
    [371, 'user writes blocked', false],
    [2, 'bad value', false],
  ])('code %i of a write (%s) is about the row: %s', (code, errmsg, about) => {
    expect(isAboutTheRow({ code, errmsg })).toBe(about);
  });
});
