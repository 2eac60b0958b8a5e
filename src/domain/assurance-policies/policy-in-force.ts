import type { Database, Queryable } from '../../platform/database.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';
import { ASSURANCE_POLICY, type Policy, parsePolicy } from '../assurance/index.ts';
import * as store from './store.ts';

declareErrors('policy', {
  unreadable: {
    status: 503,
    when: 'The assurance policy in force is not one that this release understands: nothing is decided meanwhile.',
  },
});

/** The policy in force, in the memory of this process. */
export interface AssurancePolicies {
  /** What is in force now; a version that any process adopts is seen within two seconds. `policy.unreadable` otherwise. */
  inForce(): Promise<Policy>;
  /** A version that was in force once, the one of the release among them; nothing where there was none of that name. */
  version(version: string): Promise<Policy | undefined>;
  /** Every version that two people adopted, the newest first; before them came the one that is part of the release. */
  versions(): Promise<readonly store.AdoptedPolicy[]>;
  /** The next one who asks looks at the database. */
  forget(): void;
  /** Begins to follow the changes of all processes. The answer ends it. */
  watch(): Promise<() => Promise<void>>;
}

const POLL_EVERY = 800;
/** A process that has not heard from the database for this long asks it for each decision. */
const TRUSTED_FOR = 1_500;

/** The newest stored version that is newer than `known`, else `known`. */
export async function newest(on: Queryable, known: Policy = ASSURANCE_POLICY): Promise<Policy> {
  const row = await store.newerThan(on, known.version);
  return row ? readable(row.policy) : known;
}

/** A version that was in force once: the one that is part of the release, or an adopted one. */
export async function atVersion(on: Queryable, version: string): Promise<Policy | undefined> {
  if (version === ASSURANCE_POLICY.version) return ASSURANCE_POLICY;
  const row = await store.adopted(on, version);
  return row && readable(row.policy);
}

function readable(policy: unknown): Policy {
  const read = parsePolicy(policy);
  if (!read.parsed) throw new EidError('policy.unreadable', { cause: new Error(JSON.stringify(read.faults)) });
  return read.policy;
}

/** Follows the policies of a database. */
export function createAssurancePolicies({ database }: { readonly database: Database }): AssurancePolicies {
  let known = ASSURANCE_POLICY;
  let heardAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<Policy> | undefined;

  const look = (): Promise<Policy> => {
    const asked = performance.now();
    const mine: Promise<Policy> = newest(database, known)
      .then((found) => {
        // Versions only grow: whichever answer comes last, the newest stays.
        if (found.version > known.version) known = found;
        // Forgotten meanwhile: what was read may be older than what has just been adopted.
        if (looking === mine) heardAt = asked;
        return known;
      })
      .finally(() => {
        if (looking === mine) looking = undefined;
      });
    looking = mine;
    return mine;
  };
  const forget = (): void => {
    heardAt = Number.NEGATIVE_INFINITY;
    looking = undefined;
  };

  return {
    inForce: async () => (performance.now() - heardAt < TRUSTED_FOR ? known : (looking ?? look())),
    version: (version) => atVersion(database, version),
    versions: () => store.all(database),
    forget,
    async watch() {
      await look();
      const timer = setInterval(() => {
        // The database being away, or a version that cannot be read, is told by the requests that need it.
        if (!looking) look().catch(() => {});
      }, POLL_EVERY);
      timer.unref();
      const unlisten = await database.listen('assurance_policies', forget);
      return async () => {
        clearInterval(timer);
        forget();
        await unlisten();
      };
    },
  };
}
