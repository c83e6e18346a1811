import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Thousands of requests, and processes that are killed or frozen over and over: the long tests.
    exclude: [
      'test/attack/**',
      'test/kills/frozen-worker.test.ts',
      'test/kills/killed-mongodb.test.ts',
      'test/kills/killed-reconciles.test.ts',
      'test/kills/killed-workers-and-more.test.ts',
    ],
    // Files share processes, since importing everything anew for each took a third of the time. What
    // a file sets in the environment ends with it, and each has a lake and a database of its own.
    pool: 'forks',
    isolate: false,
    setupFiles: ['test/support/own-environment.ts'],
    // More than a small machine has cores: most files wait more than they compute.
    maxWorkers: 4,
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A machine that is busy with other files is slow, not wrong.
    expect: { poll: { timeout: 15_000 } },
  },
});
