import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The long tier, `npm run test:faults`: 500 other random histories each time, the kills, and 5,000 hostile requests. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: [
        'test/{attack,histories,kills}/**/*.test.ts',
        'test/reconcile/crash.test.ts',
        'test/e2e/zip.test.ts',
      ],
      env: {
        LONG_TESTS: '1',
        // Of each of the two files.
        HISTORIES: '250',
        RECONCILE_HISTORIES: '500',
        HISTORIES_COVERAGE: '1',
        KILLS: '200',
        FREEZES: '10',
        MONGODB_KILLS: '10',
        ...process.env,
      },
      testTimeout: 1_800_000,
      hookTimeout: 120_000,
    },
  }),
);
