import type { JsonWebKey } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Database } from '../../platform/database.ts';
import { EidError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import { ALGORITHMS, type SigningKey } from './key.ts';
import type { Keystore } from './keystore.ts';
import { generateSoftwareKey, privateJwkOf, softwareKey } from './software-key.ts';

const moment = z.iso.datetime().transform((text) => new Date(text));

const keyFile = z.array(
  z.object({
    kid: z.string().min(1),
    algorithm: z.enum(ALGORITHMS),
    state: z.enum(['next', 'current', 'retired']),
    sealedJwk: z.base64url(),
    createdAt: moment,
    activatedAt: moment.optional(),
    retiredAt: moment.optional(),
  }),
);

// Who holds the lock makes a small write; after this long it has died.
const STALE_LOCK = 10_000;

/**
 * Keys in a file that only its owner can read, private halves sealed as in the database: for development, and for one machine
 * whose keys must not be in the database. A lock file keeps the processes of this machine apart.
 */
export function createFileKeystore({
  folder,
  sealer,
  database,
  journal,
  pollEvery = 1_000,
}: {
  folder: string;
  sealer: Sealer;
  /** Where the journal is: it is told first, so that no key comes into force unrecorded. */
  database: Database;
  journal: Pick<Journal, 'append'>;
  pollEvery?: number;
}): Keystore {
  const path = join(folder, 'signing-keys.json');
  const sealed = (jwk: JsonWebKey, kid: string): string => sealer.sealText(JSON.stringify(jwk), kid);
  const opened = (jwk: string, kid: string): JsonWebKey => JSON.parse(sealer.openText(jwk, kid)) as JsonWebKey;
  const lockPath = `${path}.lock`;

  const read = async (): Promise<SigningKey[]> => {
    try {
      const rows = keyFile.parse(JSON.parse(await readFile(path, 'utf8')));
      return rows.map(({ sealedJwk, ...key }) =>
        softwareKey({ ...key, custody: 'file' } as never, opened(sealedJwk, key.kid)),
      );
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new EidError('signing_keys.unreadable', { cause });
    }
  };

  const version = async (): Promise<string> => {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    // The write is a rename, so that each has an inode of its own.
    return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : '';
  };

  return {
    custody: 'file',
    makes: ['file'],
    read,
    make: (algorithm, now) => generateSoftwareKey(algorithm, 'file', now),
    unmake: async () => {},
    async change(decide, on) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await lock(lockPath);
      try {
        const change = decide(await read());
        if (!change) return;
        if (on) for (const event of change.events) await on.execute(journal.append(event).statement);
        else await writeTogether(database, change.events.map(journal.append));
        const temporary = `${path}.${newId()}`;
        const rows = change.keys.map((key) => ({
          ...{ kid: key.kid, algorithm: key.algorithm, state: key.state },
          sealedJwk: sealed(privateJwkOf(key), key.kid),
          ...{ createdAt: key.createdAt, activatedAt: key.activatedAt, retiredAt: key.retiredAt },
        }));
        await writeFile(temporary, `${JSON.stringify(rows, null, 2)}\n`, { mode: 0o600 });
        await rename(temporary, path);
      } finally {
        await rm(lockPath, { force: true });
      }
    },
    async watch(changed) {
      let known = await version();
      let stopped = false;
      const look = async (): Promise<void> => {
        const now = await version();
        if (stopped || now === known) return;
        known = now;
        changed();
      };
      const timer = setInterval(() => void look(), pollEvery);
      return async () => {
        stopped = true;
        clearInterval(timer);
      };
    },
    // A software key that could be read signs.
    probe: async () => {},
    close: async () => {},
  };
}

/** Creates the lock file, waiting for whoever has it and clearing away what a dead process left. */
async function lock(path: string): Promise<void> {
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const held = await stat(path).catch(() => undefined);
      if (held && Date.now() - held.mtimeMs > STALE_LOCK) await rm(path, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
