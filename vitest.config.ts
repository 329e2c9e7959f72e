import { defineConfig } from 'vitest/config';

const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

/**
 * unit: pure code and the app on a real sqld, in seconds. contract: every route. real: Postgres, PostgREST, workerd and
 * the whole of `npm start`; files named `*.real.test.ts`. docker: what needs a Docker engine, `*.docker.test.ts`; skipped
 * with a reason where there is none.
 */
export default defineConfig({
  test: {
    // suites start servers and whole installations; side by side they take each other's ports and time on a small machine
    maxWorkers: 1,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/contract/**', 'test/**/*.real.test.ts', 'test/**/*.docker.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          exclude: ['test/**/*.real.test.ts', 'test/**/*.docker.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          // each of these starts servers of its own; two at a time fill a small machine
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'docker',
          include: ['test/**/*.docker.test.ts'],
          globalSetup: ['test/docker/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
