import { expect, test, vi } from 'vitest';
import type { Attempt, Candidate, StartOptions } from '../../../dev/mongodb/candidate.js';
import { choose } from '../../../dev/mongodb/choose.js';

const options: StartOptions = {
  syncOnCommit: false,
  port: 0,
  storagePath: undefined,
  env: {},
  log: () => {},
};

const candidate = (attempt: Attempt, remedy?: string): Candidate => ({
  attempt: vi.fn(async () => attempt),
  ...(remedy ? { remedy } : {}),
});
const runs = (uri: string): Attempt => ({
  server: { uri, stop: async () => {} },
  what: `the server at ${uri}`,
});

test('The first candidate that starts is taken and the rest are not tried', async () => {
  const last = candidate(runs('mongodb://last'));
  const server = await choose([candidate(runs('mongodb://first')), last], options);
  expect(server.uri).toBe('mongodb://first');
  expect(last.attempt).not.toHaveBeenCalled();
});

test('The choice says in one line what it is and why none of those before', async () => {
  const server = await choose(
    [candidate({ absent: 'no uri' }), candidate({ absent: 'no mongod' }), candidate(runs('m://x'))],
    options,
  );
  expect(server.chose).toBe('the server at m://x (no uri; no mongod)');
});

test('Without any server the error names every reason and every remedy', async () => {
  const none = choose(
    [candidate({ absent: 'no uri' }, 'set it'), candidate({ absent: 'no mongod' }, 'install it')],
    options,
  );
  await expect(none).rejects.toThrow(
    [
      'There is no MongoDB to run against:',
      '  - no uri',
      '  - no mongod',
      'One of these helps:',
      '  - set it',
      '  - install it',
    ].join('\n'),
  );
});

test('A candidate that throws ends the search, so that a wrong setting is not passed over', async () => {
  const wrong: Candidate = { attempt: () => Promise.reject(new Error('does not answer')) };
  await expect(choose([wrong, candidate(runs('m://x'))], options)).rejects.toThrow(
    'does not answer',
  );
});
