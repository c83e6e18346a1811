import { expect, test } from 'vitest';
import { databaseUri } from '../../../dev/mongodb/uri.js';

test.each([
  ['mongodb://127.0.0.1:27017', 'mongodb://127.0.0.1:27017/x'],
  ['mongodb://127.0.0.1:27017/', 'mongodb://127.0.0.1:27017/x'],
  ['mongodb://a:1,b:2,c:3/old?replicaSet=rs0', 'mongodb://a:1,b:2,c:3/x?replicaSet=rs0'],
  [
    'mongodb+srv://cluster.example.net/?w=majority',
    'mongodb+srv://cluster.example.net/x?w=majority',
  ],
  ['mongodb://u:p%2Fw@host/people', 'mongodb://u:p%2Fw@host/x?authSource=people'],
  ['mongodb://u:p@host/people?authSource=admin', 'mongodb://u:p@host/x?authSource=admin'],
])('The database of %s becomes x', (uri, expected) => {
  expect(databaseUri(uri, 'x')).toBe(expected);
});

test('Anything else is refused without repeating it', () => {
  expect(() => databaseUri('postgres://u:secret@host/db', 'x')).toThrow(
    /^(?!.*secret).*not a MongoDB/,
  );
});
