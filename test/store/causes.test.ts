import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { mongo } from 'mongoose';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { mongodbUriOf } from '../../src/config/mongodb-uri.js';
import { AppError, advice, toStoredError } from '../../src/errors/app-error.js';
import type { ErrorCode } from '../../src/errors/codes.js';
import { createDatabase } from '../../src/store/connection.js';
import { toMongoError } from '../../src/store/driver/mongo-error.js';
import { TABLES } from '../../src/tables/registry.js';
import { falseMongodb } from '../support/false-mongodb.js';

const PASSWORD = 'not-a-real-password';

/** What a call of the backend ends with: a code, whether it is tried again, and a sentence. */
interface Cause {
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly sentence: RegExp;
}

const UNREACHABLE = { code: 'MONGODB_UNREACHABLE', retriable: true } as const;
const BUSY = { code: 'MONGODB_BUSY', retriable: true } as const;
const fatal = (code: ErrorCode, sentence: RegExp): Cause => ({ code, retriable: false, sentence });
const URI = (sentence: RegExp) => fatal('MONGODB_URI_INVALID', sentence);
const OPTION = (sentence: RegExp) => fatal('MONGODB_OPTION_INVALID', sentence);
const REFUSED = (sentence: RegExp) => fatal('MONGODB_AUTH_REFUSED', sentence);
const FULL = fatal('MONGODB_FULL', /no space left/);

function expectCause(thrown: unknown, { code, retriable, sentence }: Cause): void {
  expect(thrown).toBeInstanceOf(AppError);
  const error = thrown as AppError;
  expect({ code: error.code, retriable: error.retriable }).toEqual({ code, retriable });
  expect(advice(error)).toMatch(sentence);
  expect(JSON.stringify(toStoredError(error))).not.toMatch(/not-a-real|127\.0\.0\.1|\.invalid/);
}

/** Opens the connection of a site with this MONGODB_URI, as every request does. */
async function opening(uri: string): Promise<unknown> {
  const found: { database?: ReturnType<typeof createDatabase> } = {};
  try {
    found.database = createDatabase(mongodbUriOf(uri), TABLES);
    return await found.database.models();
  } catch (thrown) {
    return thrown;
  } finally {
    await found.database?.close();
  }
}

describe('MONGODB_URI', () => {
  it.each<[string, Cause]>([
    ['mongodb+srv://u:P@cluster.invalid:27017/wms', URI(/mongodb\+srv:\/\/ has no port/)],
    ['mongodb+srv://u:P@a.invalid,b.invalid/wms', URI(/one host only/)],
    ['mongodb://u:P%zz@127.0.0.1:1/wms', URI(/hexadecimal/)],
    ['mongodb://u:P@127.0.0.1:1/w%zms', URI(/hexadecimal/)],
    ['mongodb://u:P@127.0.0.1:99999/wms', URI(/port/)],
    ['mongodb://u:P@127.0.0.1:0/wms', URI(/port/)],
    ['mongodb://u:P@127.0.0.1:x/wms', URI(/port/)],
    ['mongodb://u:P@127.0.0.1:1/w.ms', URI(/name of the database/)],
    // The driver ends the process for this one.
    ['mongodb://u:P@127.0.0.1:1,/wms', URI(/comma/)],
    ['mongodb://u:P@,127.0.0.1:1/wms', URI(/comma/)],
    ['mongodb://u:P@127.0.0.1:1/wms&retryWrites=true', URI(/begin with a \?/)],
    ['mongodb://:P@127.0.0.1:1/wms', URI(/password without a user/)],
    ['mongodb+srv://u:P@a..b.invalid/wms', URI(/not a valid DNS name/)],
    ['mongodb+srv://u:P@a%20b.invalid/wms', URI(/not a valid DNS name/)],
    ['mongodb://u:P@127.0.0.1:1/wms?tls=true&tlsCAFile=/not-real/ca.pem', OPTION(/file .* read/)],
    ['mongodb://u:P@127.0.0.1:1/wms?tls=true&tlsCAFile=/', OPTION(/file .* read/)],
    [
      'mongodb://u:P@127.0.0.1:1/wms?tls=true&tlsCertificateKeyFile=package.json',
      OPTION(/no certificate or key/),
    ],
    [
      'mongodb://u:P@127.0.0.1:1/wms?tlsInsecure=true&tlsAllowInvalidCertificates=true',
      OPTION(/'tlsInsecure' option cannot be used with the 'tlsAllowInvalidCertificates' option/),
    ],
    ['mongodb://u:P@127.0.0.1:1/wms?retryWrits=true', OPTION(/know the option retrywrits/i)],
    ['mongodb://u:P@127.0.0.1:1/wms?a=1&b=2', OPTION(/option a, b/)],
    ['mongodb://u:P@127.0.0.1:1/wms?authMechanism=SCRAM-512', OPTION(/authMechanism/)],
    ['mongodb://127.0.0.1:1/wms?authMechanism=PLAIN', OPTION(/Username required/)],
    ['mongodb://u:P@127.0.0.1:1/wms?authMechanism=MONGODB-OIDC', OPTION(/password/i)],
    ['mongodb://u:P@127.0.0.1:1/wms?authMechanism=MONGODB-AWS', OPTION(/MONGODB-AWS/)],
    ['mongodb://u:P@127.0.0.1:1/wms?tls=true&ssl=false', OPTION(/tls\/ssl/)],
    ['mongodb://u:P@127.0.0.1:1/wms?tls=maybe', OPTION(/tls\/ssl/)],
    ['mongodb://u:P@127.0.0.1:1/wms?replicaSet=', OPTION(/replicaSet/)],
    ['mongodb://u:P@127.0.0.1:1/wms?compressors=rar', OPTION(/compression/)],
    ['mongodb://u:P@127.0.0.1:1/wms?appName=a&appName=b', OPTION(/appName.*more than once/)],
    ['mongodb://a:1,b:1/wms?directConnection=true', OPTION(/directConnection/)],
    ['mongodb://u:P@127.0.0.1:1/wms?srvServiceName=x', OPTION(/srvServiceName/)],
    ['mongodb://u:P@127.0.0.1:1/wms?heartbeatFrequencyMS=-1', OPTION(/heartbeatFrequencyMS/)],
  ])('%s has its own cause', async (uri, cause) => {
    expectCause(await opening(uri.replace(':P', `:${PASSWORD}`)), cause);
  });
});

describe('the name of a cluster', () => {
  const before = dns.getServers();
  afterEach(() => dns.setServers(before));
  const uri = `mongodb+srv://u:${PASSWORD}@paused.cluster.invalid/wms`;

  it('that the DNS does not know may be that of a paused one', async () => {
    const sentence = /unknown.*paused.*Atlas pauses unused ones: resume it/s;
    expectCause(await opening(uri), { ...UNREACHABLE, sentence });
  });

  it('can not be looked up where the DNS server refuses the connection', async () => {
    dns.setServers(['127.0.0.1:1']);
    expectCause(await opening(uri), { ...UNREACHABLE, sentence: /the DNS server refused/ });
  });

  it.each<[string, number | undefined, RegExp]>([
    ['answers nothing', undefined, /DNS did not answer in time/],
    ['fails', 2, /DNS failed/],
    ['refuses', 5, /DNS refused/],
  ])('can not be looked up where the DNS server %s', async (_what, rcode, sentence) => {
    const server = createSocket('udp4', (query, { port, address }) => {
      if (rcode === undefined) return;
      const reply = Buffer.from(query);
      reply.writeUInt16BE(0x8180 + rcode, 2);
      server.send(reply, port, address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const resolver = new dns.Resolver({ timeout: 50, tries: 1 });
    resolver.setServers([`127.0.0.1:${server.address().port}`]);
    const thrown = await resolver.resolveSrv('_mongodb._tcp.a.invalid').catch((error) => error);
    server.close();
    expectCause(toMongoError(thrown, { isOpening: true }), { ...UNREACHABLE, sentence });
  });
});

describe('what the driver says', () => {
  it('of a cluster whose DNS record lists no host is transient', () => {
    const thrown = new mongo.MongoAPIError('No addresses found at host');
    const cause = { ...UNREACHABLE, sentence: /lists no host/ };
    expectCause(toMongoError(thrown, { isOpening: true }), cause);
  });

  it('of a module that an option needs is about the option', async () => {
    const server = await falseMongodb(() => ({ ok: 1 }));
    const uri = server.replace('?', '?authMechanism=MONGODB-AWS&');
    expectCause(await opening(uri), OPTION(/module/));
  });
});

describe('what Node says of network and DNS', () => {
  it.each<[string, string, RegExp]>([
    ['EBADRESP', 'querySrv', /the network failed \(EBADRESP\)/],
    ['ENOTIMP', 'queryTxt', /the network failed \(ENOTIMP\)/],
    ['EHOSTDOWN', 'connect', /the network failed \(EHOSTDOWN\)/],
    ['EADDRNOTAVAIL', 'connect', /the network failed \(EADDRNOTAVAIL\)/],
    ['EAI_FAIL', 'getaddrinfo', /the network failed \(EAI_FAIL\)/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connect', /certificate .* cannot be verified/],
  ])('%s of %s makes MongoDB unreachable', (code, syscall, sentence) => {
    const error = Object.assign(new Error(`${syscall} ${code} host.invalid`), { code, syscall });
    expectCause(toMongoError(error), { ...UNREACHABLE, sentence });
    const wrapped = new mongo.MongoNetworkError('connection failed', { cause: error });
    expectCause(toMongoError(wrapped), { ...UNREACHABLE, sentence });
  });
});

/** The outcome of a command that the driver sends to a server with this connection string. */
async function commanding(uri: string, options: mongo.MongoClientOptions = {}): Promise<unknown> {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 300, ...options });
  try {
    return await client.db().command({ ping: 1 });
  } catch (thrown) {
    return toMongoError(thrown);
  } finally {
    await client.close();
  }
}

describe('what a write to a connection that is over ends in', () => {
  /** A real socket, and the error of a write to it once `end` has been done. */
  async function failedWrite(end: (sides: { near: Socket; far: Socket }) => unknown) {
    const server = createServer({ allowHalfOpen: true });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const near = connect({ port, host: '127.0.0.1' });
    const [far] = (await once(server, 'connection')) as [Socket];
    near.on('error', () => undefined).resume();
    await end({ near, far });
    const error = await new Promise((resolve) => near.write('x', resolve));
    near.destroy();
    far.destroy();
    server.close();
    return error;
  }

  it.each<[string, string, Parameters<typeof failedWrite>[0]]>([
    [
      'the other side has closed it',
      'EPIPE',
      async ({ near, far }) => {
        far.end();
        await once(near, 'end');
      },
    ],
    ['it was closed here', 'ERR_STREAM_WRITE_AFTER_END', ({ near }) => near.end()],
    ['it was given up here', 'ERR_STREAM_DESTROYED', ({ near }) => near.destroy()],
  ])('where %s is a cause that passes (%s)', async (_name, code, end) => {
    const error = await failedWrite(end);
    expect(error).toMatchObject({ code });
    expect(toMongoError(error)).toMatchObject(UNREACHABLE);
  });
});

describe('a server', () => {
  it('at whose address nothing listens is unreachable', async () => {
    const thrown = await commanding('mongodb://127.0.0.1:1/wms');
    expectCause(thrown, { ...UNREACHABLE, sentence: /connection was refused/ });
  });

  it('whose host is unknown is unreachable', async () => {
    const thrown = await commanding('mongodb://host.invalid:27017/wms');
    expectCause(thrown, { ...UNREACHABLE, sentence: /name of the cluster is unknown/ });
  });

  it('that closes each connection is unreachable', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterAll(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (const tls of ['', '?tls=true']) {
      const thrown = await commanding(`mongodb://127.0.0.1:${port}/wms${tls}`);
      expectCause(thrown, { ...UNREACHABLE, sentence: /closed|broke off|TLS/ });
    }
  });

  it('that breaks a call off, or leaves it without an answer, is unreachable', async () => {
    const closing = await commanding(await falseMongodb(() => 'close'));
    expectCause(closing, { ...UNREACHABLE, sentence: /closed|broke off/ });
    const silent = await falseMongodb(() => undefined);
    const thrown = await commanding(silent, { socketTimeoutMS: 100 });
    expectCause(thrown, { ...UNREACHABLE, sentence: /did not answer in time/ });
  });

  it('that has no primary is unreachable', async () => {
    const secondary = {
      isWritablePrimary: false,
      ismaster: false,
      secondary: true,
      setName: 'rs',
      hosts: [],
    };
    const uri = await falseMongodb(() => ({ ok: 1 }), secondary);
    const thrown = await commanding(uri.replace('directConnection=true', 'replicaSet=rs'));
    expectCause(thrown, { ...UNREACHABLE, sentence: /no primary/ });
  });

  it('that is too old has its own code', async () => {
    const uri = await falseMongodb(() => ({ ok: 1 }), { maxWireVersion: 2 });
    expectCause(await commanding(uri), fatal('MONGODB_TOO_OLD', /Upgrade the server/));
  });

  it('is busy where all connections are in use', async () => {
    const uri = await falseMongodb(() => undefined);
    const client = new mongo.MongoClient(uri, {
      maxPoolSize: 1,
      waitQueueTimeoutMS: 50,
      socketTimeoutMS: 500,
    });
    const ping = () => client.db().command({ ping: 1 }).catch(toMongoError);
    // Whichever gets the connection waits for an answer, the other one for the connection.
    const thrown = await Promise.race([ping(), ping()]);
    await client.close();
    expectCause(thrown, { ...BUSY, sentence: /connections .* in use/ });
  });

  it('from which the client has disconnected may be connected again', async () => {
    const client = new mongo.MongoClient(await falseMongodb(() => ({ ok: 1 })));
    await client.connect();
    await client.close();
    const thrown = await client.db().collection('a').findOne().catch(toMongoError);
    expectCause(thrown, { ...UNREACHABLE, sentence: /connection was closed/ });
  });
});

const COLLECTIONS = 'cannot create a new collection -- already using 500 collections of 500';
const ACTION = 'user is not allowed to do action [createIndex] on [wms.taskdetails]';
const COMMAND = 'not authorized on wms to execute command { insert: "a", documents: [ "hush" ] }';
const CASE = 'db already exists with different case already have: [WMS] trying to create [wms]';

describe('what the server answers', () => {
  it.each<[number, string, Cause]>([
    [8000, 'you are over your space quota, using 513 MB of 512 MB', FULL],
    [8000, COLLECTIONS, fatal('MONGODB_TOO_MANY_COLLECTIONS', /limit of collections/)],
    [8000, ACTION, REFUSED(/lacks a right.*readWrite/s)],
    [8000, 'bad auth : authentication failed', REFUSED(/refused the login/)],
    [8000, 'too many connections', { ...BUSY, sentence: /retried/ }],
    [8000, 'CMD_NOT_ALLOWED: setParameter', fatal('MONGODB_FAILED', /refused an operation/)],
    [14_031, 'available disk space of 1 bytes is less than required', FULL],
    [12_501, 'quota exceeded', FULL],
    [13_297, CASE, fatal('MONGODB_NAME_DIFFERS_IN_CASE', /letter case/)],
    [18, 'Authentication failed.', REFUSED(/refused the login/)],
    [13, COMMAND, REFUSED(/lacks a right/)],
    [13, 'command ping requires authentication', REFUSED(/lacks a right/)],
    [334, 'Unable to use SCRAM', OPTION(/option/)],
    [73, "Invalid database name: 'w ms'", URI(/name of the database/)],
    [91, 'shutdown in progress', { ...BUSY, sentence: /retried/ }],
    [10_107, 'not primary', { ...BUSY, sentence: /retried/ }],
    [112, 'WriteConflict', { ...BUSY, sentence: /retried/ }],
    [365, 'TemporarilyUnavailable', { ...BUSY, sentence: /retried/ }],
    [121, 'Document failed validation', fatal('MONGODB_FAILED', /refused an operation/)],
  ])('%i %s has its code and its advice', async (code, errmsg, cause) => {
    const uri = await falseMongodb(() => ({ ok: 0, code, errmsg }));
    const thrown = await commanding(uri, { retryReads: false });
    expectCause(thrown, cause);
    expect(JSON.stringify((thrown as AppError).details)).not.toContain('hush');
  });

  it('to each write is the same for a bulk write', async () => {
    const errmsg = 'you are over your space quota, using 513 MB of 512 MB';
    const uri = await falseMongodb((command) =>
      'insert' in command ? { ok: 0, code: 8000, errmsg } : { ok: 1 },
    );
    const client = new mongo.MongoClient(uri);
    const write = client
      .db()
      .collection('a')
      .bulkWrite([{ insertOne: { document: {} } }]);
    const thrown = await write.catch(toMongoError);
    await client.close();
    expectCause(thrown, FULL);
  });
});
