import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The long tier, `npm run test:faults`: the same histories, ten times as many, and the kills. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: [
        'test/faults/**/*.test.ts',
        'test/histories/**/*.test.ts',
        'test/kills/**/*.test.ts',
      ],
      env: { HISTORIES: '500' },
      testTimeout: 1_800_000,
      hookTimeout: 120_000,
    },
  }),
);
