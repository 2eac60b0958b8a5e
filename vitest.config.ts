import { statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/** What takes longest begins first, or one worker has it alone at the end. On a fresh machine nothing is known of the last run. */
const LONGEST = [
  'e2e/pages',
  'browser/29-console-cross-site-scripting',
  'e2e/keyboard',
  'e2e/page-weight',
  'e2e/from-bootstrap-to-rollback',
  'e2e/life-of-a-citizen',
  'integration/launcher',
  'integration/reader-command-line',
  'integration/production',
  'integration/commands-among-strangers',
  'signing-keys/keys-command-line',
  'levels/matrix',
  'life/life',
  'people/relying-parties',
  'biometrics/embedded-face-matcher',
  'reader/processes',
];
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    // One more than the smallest machine has cores: a file waits for its database, its processes and its browser as much as it computes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
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
