import type { Database, Queryable } from '../../platform/database.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';
import { ASSURANCE_POLICY, FORMER_POLICY, type Policy, parsePolicy } from '../assurance/index.ts';
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
  /** The one of this release, while it is newer than what two people adopted: a proposal, and nothing is decided by it. */
  newerInRelease(): Promise<Policy | undefined>;
  /** A version that was in force once, perhaps the one of the release; nothing where there was none of that name. */
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

/**
 * The newest version that two people adopted; the one of the release until they have adopted any. A later release changes no
 * policy by itself: whoever writes releases is one person more, and none of the two.
 */
export async function newest(on: Queryable): Promise<Policy> {
  const row = await store.newestAfter(on);
  return row ? readable(row.policy) : ASSURANCE_POLICY;
}

/** A version that was in force once: an adopted one, or the one of the release from before any was. */
export async function atVersion(on: Queryable, version: string): Promise<Policy | undefined> {
  const row = await store.adopted(on, version);
  if (row) return readable(row.policy);
  const released = [ASSURANCE_POLICY, FORMER_POLICY].find((one) => one.version === version);
  return released && !(await store.anyBefore(on, version)) ? released : undefined;
}

function readable(policy: unknown): Policy {
  const read = parsePolicy(policy);
  if (!read.parsed) throw new EidError('policy.unreadable', { cause: new Error(JSON.stringify(read.faults)) });
  return read.policy;
}

/** Follows the policies of a database. */
export function createAssurancePolicies({ database }: { readonly database: Database }): AssurancePolicies {
  let known = ASSURANCE_POLICY;
  let adopted: string | undefined;
  let heardAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<Policy> | undefined;

  const look = (): Promise<Policy> => {
    const asked = performance.now();
    const mine: Promise<Policy> = store
      .newestAfter(database, adopted)
      .then((found) => {
        // Versions only grow: whichever answer comes last, the newest that was adopted stays.
        if (found && (adopted === undefined || found.version > adopted)) {
          known = readable(found.policy);
          adopted = found.version;
        }
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

  const inForce = async (): Promise<Policy> =>
    performance.now() - heardAt < TRUSTED_FOR ? known : (looking ?? look());

  return {
    inForce,
    newerInRelease: async () => (ASSURANCE_POLICY.version > (await inForce()).version ? ASSURANCE_POLICY : undefined),
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
