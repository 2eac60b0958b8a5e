import type { Database, Queryable } from '../../platform/database.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Journal } from '../audit/index.ts';
import { publicHalf, type SigningKey, thumbprint } from './key.ts';
import type { KeyModule } from './key-module.ts';
import type { Keystore } from './keystore.ts';
import { generateSoftwareKey, privateJwkOf, softwareKey } from './software-key.ts';
import { CHANNEL, excludeOthers, type KeptKey, keysVersion, readKeys, writeKeys } from './store.ts';

declareErrors('signing_keys', {
  unreadable: {
    status: 503,
    when: 'The signing keys cannot be opened: the master secret is not the one they were sealed with, or the file is damaged.',
  },
  by_two: {
    status: 409,
    when: 'Another key would sign, or a lost one be made anew, and no two people have agreed to that: propose a rotation at /operator/keys, or restore the database with its keys.',
  },
  unavailable: {
    status: 503,
    when: 'The module that keeps the signing keys does not answer, or lacks one of them: nothing is signed with another key instead.',
  },
});

/**
 * Keys in the database, the same in every process of the installation. Their private halves are sealed with
 * `createSealer(master, 'signing-keys')`; with a `module` new ones are made there and stay there, and the database has what is
 * public. Keys that were made before the module came sign on until two people have moved them, and stay published.
 */
export function createDatabaseKeystore({
  database,
  sealer,
  journal,
  module,
  pollEvery = 1_000,
}: {
  database: Database;
  sealer: Sealer;
  journal: Pick<Journal, 'append'>;
  module?: KeyModule | undefined;
  /** Milliseconds between looks at the table, for the moment when a NOTIFY is lost. */
  pollEvery?: number;
}): Keystore {
  const moduleKey = (kept: Omit<SigningKey, 'sign'>): SigningKey => ({
    ...kept,
    sign: async (data) => {
      if (!module) throw new EidError('signing_keys.unavailable', { cause: noModule() });
      return module.sign(kept, data);
    },
  });

  const opened = ({ sealedPrivate, sealedPublic, ...kept }: KeptKey): SigningKey =>
    sealedPrivate
      ? softwareKey(kept, JSON.parse(sealer.open(sealedPrivate, kept.kid)))
      : moduleKey({ ...kept, publicJwk: JSON.parse(sealer.open(sealedPublic!, publicContext(kept.kid))) });

  const sealed = (key: SigningKey): KeptKey =>
    key.custody === 'pkcs11'
      ? { ...key, sealedPublic: sealer.seal(JSON.stringify(publicHalf(key.publicJwk)), publicContext(key.kid)) }
      : { ...key, sealedPrivate: sealer.seal(JSON.stringify(privateJwkOf(key)), key.kid) };

  const read = async (on: Queryable): Promise<SigningKey[]> => {
    const kept = await readKeys(on);
    try {
      return kept.map(opened);
    } catch (cause) {
      throw new EidError('signing_keys.unreadable', { cause });
    }
  };

  return {
    custody: module ? 'pkcs11' : 'database',
    makes: module ? ['pkcs11', 'database'] : ['database'],
    read: (on = database) => read(on),
    async make(algorithm, now, custody = module ? 'pkcs11' : 'database') {
      if (custody === 'database') return generateSoftwareKey(algorithm, 'database', now);
      if (!module || custody !== 'pkcs11') throw new EidError('signing_keys.unavailable', { cause: noModule() });
      const publicJwk = await module.make(algorithm);
      const kid = thumbprint(publicJwk);
      return moduleKey({ kid, algorithm, state: 'next', custody: 'pkcs11', publicJwk, createdAt: now });
    },
    unmake: async (keys) => module?.destroy(kidsInModule(keys)),
    async change(decide, on) {
      let gone: readonly SigningKey[] = [];
      const work = async (transaction: Queryable): Promise<void> => {
        await excludeOthers(transaction);
        const found = await read(transaction);
        const change = decide(found);
        if (!change) return;
        await writeKeys(transaction, change.keys.map(sealed));
        for (const event of change.events) await transaction.execute(journal.append(event).statement);
        gone = found.filter(({ kid }) => !change.keys.some((key) => key.kid === kid));
      };
      if (on) return work(on).catch(takesTwo);
      await database.transaction(work).catch(takesTwo);
      // Only once nobody can want them any more; what the module keeps of a key that nobody knows harms nobody.
      await module?.destroy(kidsInModule(gone)).catch(() => {});
    },
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
    async probe(keys) {
      // A software key that could be read signs.
      await Promise.all(keys.filter(({ custody }) => custody === 'pkcs11').map((key) => key.sign(PROBE)));
    },
    close: async () => module?.close(),
  };
}

/** SL004 of the database: among real people which key signs changes by a change request, or when it is time. */
const takesTwo = (error: unknown): never => {
  if ((error as { code?: string } | null)?.code !== 'SL004') throw error;
  throw new EidError('signing_keys.by_two', { cause: error });
};

const noModule = (): Error => new Error('no module is configured');

const publicContext = (kid: string): string => `${kid} public`;

/** What is signed to see whether a key signs: no JWS begins like this, so it is worth nothing to anybody. */
const PROBE = Buffer.from('\0senid probe');

const kidsInModule = (keys: readonly SigningKey[]): string[] =>
  keys.filter(({ custody }) => custody === 'pkcs11').map(({ kid }) => kid);
