import { expect, test } from 'vitest';
import { routeOf } from '../../../dev/runtime/route.js';

const redirect = { from: '/api/*', to: '/.netlify/functions/:splat' };

test.each([
  ['/.netlify/functions/health', 'health'],
  ['/.netlify/functions/sync-table/', 'sync-table'],
  ['/api/sync-status', 'sync-status'],
  ['/api/sync-worker-background', 'sync-worker-background'],
])('%s leads to the function %s', (pathname, name) => {
  expect(routeOf(pathname, redirect)).toEqual({ kind: 'function', name });
});

test.each(['/', '/index.html', '/api', '/apis/health', '/.netlify/functions', '/.env'])(
  '%s is looked for among the files',
  (path) => {
    expect(routeOf(path, redirect)).toEqual({ kind: 'file', path });
  },
);
