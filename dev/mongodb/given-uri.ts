import { mongo } from 'mongoose';
import type { Candidate } from './candidate.js';

/** A server that somebody else runs, named by TEST_MONGODB_URI. */
export const givenUri: Candidate = {
  remedy:
    'set TEST_MONGODB_URI to a MongoDB that may be written to (each user makes databases of its own)',
  async attempt({ env }) {
    const uri = env.TEST_MONGODB_URI;
    if (!uri) return { absent: 'TEST_MONGODB_URI is not set' };
    // Tried at once and not passed over: who names a server wants that one or an error.
    const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
    try {
      await client.db().command({ ping: 1 });
    } catch (cause) {
      throw new Error('The server that TEST_MONGODB_URI names does not answer.', { cause });
    } finally {
      await client.close();
    }
    return {
      server: { uri, stop: async () => {} },
      what: 'the server that TEST_MONGODB_URI names',
    };
  },
};
