import { statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Databases are copied and dropped by the hundred: in memory, where the machine has 4 GiB of it for files, in a tenth of the time. */
const MEMORY = '/dev/shm';
try {
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize > 4 * 2 ** 30) process.env.TMPDIR ??= MEMORY;
} catch {
  // No such place on this machine: its disk will do.
}

const project = (name: string, folders: string[], more: Record<string, unknown> = {}) => ({
  test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), ...more },
});
// The modules of a worker are loaded once, not once for each file: nothing of ours keeps a state between two files.
const shared = { isolate: false };
const withPostgres = { globalSetup: ['test/support/postgres.ts'], testTimeout: 30_000, hookTimeout: 60_000 };

// What measures how long something takes has the machine to itself.
const TIMED = ['41-enumeration', '42-hash-flood', '42-sign-in-flood', '59-database-pressure'].map(
  (name) => `test/security/${name}.test.ts`,
);

export default defineConfig({
  test: {
    // Both cores of the smallest machine: a file waits for its database and its processes more than it computes.
    maxWorkers: 2,
    projects: [
      project('unit', ['unit', 'vectors', 'architecture'], { testTimeout: 20_000, ...shared }),
      project('integration', ['integration', 'conformance'], { ...withPostgres, ...shared }),
      project('security', ['security'], {
        ...withPostgres,
        ...shared,
        testTimeout: 120_000,
        exclude: ['test/security/browser/**', ...TIMED],
      }),
      { test: { name: 'timed', include: TIMED, ...withPostgres, testTimeout: 120_000, fileParallelism: false } },
      // Abuse cases that take a browser run beside the other browser tests.
      project('e2e', ['e2e', 'security/browser'], { ...withPostgres, testTimeout: 180_000, hookTimeout: 120_000 }),
    ],
  },
});
