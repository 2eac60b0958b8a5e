import type { Database } from '../../platform/database.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Journal } from '../audit/index.ts';
import type { SigningKey } from './key.ts';
import type { Keystore } from './keystore.ts';
import { CHANNEL, excludeOthers, keysVersion, readKeys, writeKeys } from './store.ts';

declareErrors('signing_keys', {
  unreadable: {
    status: 503,
    when: 'The signing keys cannot be opened: the master secret is not the one they were sealed with, or the file is damaged.',
  },
});

/** Keys in the database, sealed with `createSealer(master, 'signing-keys')`: every process of the installation has the same. */
export function createDatabaseKeystore({
  database,
  sealer,
  journal,
  pollEvery = 1_000,
}: {
  database: Database;
  sealer: Sealer;
  journal: Pick<Journal, 'append'>;
  /** Milliseconds between looks at the table, for the moment when a NOTIFY is lost. */
  pollEvery?: number;
}): Keystore {
  const read = (on: Pick<Database, 'rows' | 'row' | 'execute'>): Promise<SigningKey[]> =>
    readKeys(on, sealer).catch((cause) => {
      throw cause instanceof EidError ? cause : new EidError('signing_keys.unreadable', { cause });
    });
  return {
    read: () => read(database),
    change: (decide) =>
      database.transaction(async (transaction) => {
        await excludeOthers(transaction);
        const change = decide(await read(transaction));
        if (!change) return;
        await writeKeys(transaction, sealer, change.keys);
        for (const event of change.events) await transaction.execute(journal.append(event).statement);
      }),
    async watch(changed) {
      let version = await keysVersion(database);
      let stopped = false;
      const look = async (): Promise<void> => {
        // A database that is away for a while is no change; the next look will tell.
        const now = await keysVersion(database).catch(() => version);
        if (stopped || now === version) return;
        version = now;
        changed();
      };
      const timer = setInterval(() => void look(), pollEvery);
      const stopListening = await database.listen(CHANNEL, () => void look());
      return async () => {
        stopped = true;
        clearInterval(timer);
        await stopListening();
      };
    },
  };
}
