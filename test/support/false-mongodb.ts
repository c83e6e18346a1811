import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { mongo } from 'mongoose';
import { afterAll } from 'vitest';

const { BSON } = mongo;

type Command = Readonly<Record<string, unknown>>;
/** What the server answers to a command that is no greeting; undefined: nothing, ever. */
type Answer = (command: Command) => Record<string, unknown> | undefined | 'close';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;

/**
 * A server that greets and bids farewell like MongoDB and answers everything else as it is told, over MongoDB's wire
 * protocol: the driver makes its own errors of that.
 * @param greeting over what it says of itself
 */
export async function falseMongodb(answer: Answer, greeting: Record<string, unknown> = {}) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let waiting = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= waiting.readInt32LE(0)) {
        const length = waiting.readInt32LE(0);
        respond(socket, waiting.subarray(0, length), answer, greeting);
        waiting = waiting.subarray(length);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `mongodb://127.0.0.1:${port}/wms?directConnection=true`;
}

function respond(
  socket: Socket,
  message: Buffer,
  answer: Answer,
  greeting: Record<string, unknown>,
): void {
  const requestId = message.readInt32LE(4);
  const isQuery = message.readInt32LE(12) === OP_QUERY;
  const command = commandOf(message, isQuery);
  const isGreeting = 'hello' in command || 'isMaster' in command || 'ismaster' in command;
  const isFarewell = 'endSessions' in command;
  const own = isGreeting ? { ...GREETING, ...greeting } : { ok: 1 };
  const reply = isGreeting || isFarewell ? own : answer(command);
  if (reply === 'close') socket.destroy();
  else if (reply) socket.write(encoded(reply, requestId, isQuery));
}

const GREETING = {
  isWritablePrimary: true,
  ismaster: true,
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  ok: 1,
};

function commandOf(message: Buffer, isQuery: boolean): Command {
  if (!isQuery) return documentAt(message, HEADER + 5);
  const afterName = message.indexOf(0, HEADER + 4) + 1;
  return documentAt(message, afterName + 8);
}

function documentAt(message: Buffer, at: number): Command {
  return BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)));
}

function encoded(reply: Record<string, unknown>, requestId: number, isQuery: boolean): Buffer {
  const document = BSON.serialize(reply);
  // Flags, cursor, first and number of documents; or flags and the kind of the section.
  const before = Buffer.alloc(isQuery ? 20 : 5);
  if (isQuery) before.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER);
  header.writeInt32LE(HEADER + before.length + document.length, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, before, document]);
}
