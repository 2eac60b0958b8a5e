import type { Clock } from '../../platform/clock.ts';
import {
  ALGORITHMS,
  type Algorithm,
  generateSigningKey,
  type NamedJwk,
  privateJwkOf,
  publicJwkOf,
  type SigningKey,
} from './key.ts';
import type { Keystore } from './keystore.ts';
import { completed, missingKeys, type Overlap, type Rotation, rotated, withoutExpired } from './rotation.ts';

export type { Rotation } from './rotation.ts';

/** The keys that sign tokens, the same in every process. `jwks()` and `publicJwks()` answer from memory after `ensure()`. */
export interface SigningKeys {
  /** Makes what is missing, reads all keys, and from then on follows changes by other processes. */
  ensure(): Promise<void>;
  /** All keys with their private halves, for oidc-provider: the current ones first, which is what it signs with. */
  jwks(): { keys: NamedJwk[] };
  /** What relying parties see: every key with `kid`, `alg` and `use`, the next ones included. */
  publicJwks(): { keys: NamedJwk[] };
  /** The key that signs now, with its private half. */
  current(algorithm: Algorithm): NamedJwk;
  /** Puts the next key in force, of one algorithm or of all. `force` skips the time it must have been published before. */
  rotate(options?: { algorithm?: Algorithm; force?: boolean }): Promise<Rotation[]>;
  /** Rotates what has been current for `every` seconds, and forgets what has been retired long enough. */
  maintain(every: number): Promise<Rotation[]>;
  /** Calls back after the keys in memory have changed, whoever changed them. The answer stops it. */
  onChange(changed: () => void): () => void;
  stop(): Promise<void>;
}

/** What the keys work with. */
export interface SigningKeysParts {
  readonly keystore: Keystore;
  readonly clock: Clock;
  readonly algorithms?: readonly Algorithm[];
  readonly overlap?: Partial<Overlap>;
  /** Told when the keys could not be read again; the keys in memory stay in force. */
  readonly failed?: (error: unknown) => void;
}

const DAY = 86_400;

// 10 minutes cover the max-age of the published key set. 30 days: an ID token comes back as id_token_hint long after it expired.
const OVERLAP: Overlap = { publishFor: 600, retainFor: 30 * DAY };

/** The signing keys on a keystore. */
export function createSigningKeys(parts: SigningKeysParts): SigningKeys {
  const { keystore, clock, algorithms = ALGORITHMS, failed = () => {} } = parts;
  const overlap: Overlap = { ...OVERLAP, ...parts.overlap };
  const listeners = new Set<() => void>();
  let keys: SigningKey[] = [];
  let stopWatching: (() => Promise<void>) | undefined;
  let reading: Promise<void> = Promise.resolve();

  const fingerprint = (of: readonly SigningKey[]): string => of.map(({ kid, state }) => `${kid} ${state}`).join();

  const reread = async (): Promise<void> => {
    const read = inOrder(await keystore.read(), algorithms);
    if (fingerprint(read) === fingerprint(keys)) return;
    keys = read;
    for (const listener of listeners) listener();
  };

  /** One reading after the other, so that an older answer never replaces a newer one. */
  const refresh = (): Promise<void> => {
    reading = reading.catch(() => {}).then(reread);
    return reading;
  };

  const complete = async (): Promise<void> => {
    const now = clock.now();
    const missing = missingKeys(await keystore.read(), algorithms);
    if (missing.length === 0) return;
    // Made before the exclusive change: four RSA keys can take a second. Of two processes that start together one is too late.
    const spare = await Promise.all(missing.map(({ algorithm }) => generateSigningKey(algorithm, now)));
    await keystore.change((found) => completed(found, algorithms, spare, now));
  };

  const rotateOne = async (seen: SigningKey, force: boolean): Promise<Rotation> => {
    const now = clock.now();
    const spare = await generateSigningKey(seen.algorithm, now);
    let rotation: Rotation | undefined;
    await keystore.change((found) => {
      const outcome = rotated(found, seen, spare, { publishFor: overlap.publishFor, force, now });
      rotation = outcome.rotation;
      return outcome.change;
    });
    return rotation!;
  };

  const rotateAll = async (which: (key: SigningKey) => boolean, force: boolean): Promise<Rotation[]> => {
    const rotations: Rotation[] = [];
    const current = inOrder(await keystore.read(), algorithms).filter(({ state }) => state === 'current');
    for (const key of current.filter(which)) rotations.push(await rotateOne(key, force));
    await refresh();
    return rotations;
  };

  return {
    async ensure() {
      await complete();
      await refresh();
      stopWatching ??= await keystore.watch(() => void refresh().catch(failed));
    },
    jwks: () => ({ keys: keys.map(privateJwkOf) }),
    publicJwks: () => ({ keys: keys.map(publicJwkOf) }),
    current(algorithm) {
      const key = keys.find((candidate) => candidate.algorithm === algorithm && candidate.state === 'current');
      if (!key)
        throw new Error(`no current ${algorithm} key: ensure() has not run, or the algorithm is not configured`);
      return privateJwkOf(key);
    },
    rotate: ({ algorithm, force = false } = {}) =>
      rotateAll((key) => algorithm === undefined || key.algorithm === algorithm, force),
    async maintain(every) {
      await complete();
      const now = clock.now();
      const due = ({ activatedAt, createdAt }: SigningKey): boolean =>
        (activatedAt ?? createdAt).getTime() + every * 1000 <= now.getTime();
      const rotations = await rotateAll(due, false);
      await keystore.change((found) => withoutExpired(found, overlap.retainFor, now));
      await refresh();
      return rotations;
    },
    onChange(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    async stop() {
      await stopWatching?.();
      stopWatching = undefined;
      await reading.catch(() => {});
    },
  };
}

const STATES = ['current', 'next', 'retired'] as const;

/** Current keys first, since the provider signs with the first that fits; within a state as the algorithms are listed. */
const inOrder = (keys: readonly SigningKey[], algorithms: readonly Algorithm[]): SigningKey[] =>
  [...keys].sort(
    (a, b) =>
      STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
      algorithms.indexOf(a.algorithm) - algorithms.indexOf(b.algorithm) ||
      b.createdAt.getTime() - a.createdAt.getTime() ||
      a.kid.localeCompare(b.kid),
  );
