import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import type { Actor } from '../audit/index.ts';
import { ALGORITHMS, type Algorithm, type Custody, type NamedJwk, publicJwkOf, type SigningKey } from './key.ts';
import { describedKeys, type KeyDescription } from './key-description.ts';
import type { Keystore } from './keystore.ts';
import {
  completed,
  type Missing,
  missingKeys,
  type Overlap,
  type Rotation,
  rotated,
  withoutExpired,
} from './rotation.ts';

export type { Rotation } from './rotation.ts';

/** Which keys, and how. */
export interface RotationWish {
  readonly algorithm?: Algorithm | undefined;
  /** Skips the time that the next key must have been published before: for a key that has leaked. */
  readonly force?: boolean;
  /** Where the key that is made shall rest: with the one that signs from then on, unless two people say otherwise. */
  readonly custody?: Custody | undefined;
  /** Who wishes it; nobody when it is time. */
  readonly by?: Actor;
  /** The transaction that it is part of. After its commit every process reads the keys again by itself. */
  readonly on?: Queryable;
}

/** The keys that sign tokens, the same in every process. What is not a promise answers from memory after `ensure()`. */
export interface SigningKeys {
  /** Makes what is missing, reads all keys, and from then on follows changes by other processes. */
  ensure(): Promise<void>;
  /** All keys, the current ones first. */
  keys(): readonly SigningKey[];
  /** Where the settings say that keys rest, and where one can be made. */
  readonly custody: Custody;
  readonly makes: readonly Custody[];
  /** What relying parties see: every key with `kid`, `alg` and `use`, the next ones included. */
  publicJwks(): { keys: NamedJwk[] };
  /** The key that signs now. */
  current(algorithm: Algorithm): SigningKey;
  /** Every key with its dates, for people. */
  list(): readonly KeyDescription[];
  /** The same as a transaction sees them. */
  listIn(on: Queryable): Promise<readonly KeyDescription[]>;
  /** Puts the next key in force, of one algorithm or of all. */
  rotate(wish?: RotationWish): Promise<Rotation[]>;
  /** Rotates what has been current for `every` seconds where keys rest now, and forgets what has been retired long enough. */
  maintain(every: number): Promise<Rotation[]>;
  /** Throws when a current key cannot sign. The answer is a second old at most, however often it is asked for. */
  probe(): Promise<void>;
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

type Decide = Parameters<Keystore['change']>[0];

/** Milliseconds that a probe's answer holds: whoever asks for readiness in a loop does not load the module with it. */
const PROBED_FOR = 1_000;

/** The signing keys on a keystore. */
export function createSigningKeys(parts: SigningKeysParts): SigningKeys {
  const { keystore, clock, algorithms = ALGORITHMS, failed = () => {} } = parts;
  const overlap: Overlap = { ...OVERLAP, ...parts.overlap };
  const wanted = { algorithms, custody: keystore.custody, makes: keystore.makes };
  const listeners = new Set<() => void>();
  let keys: SigningKey[] = [];
  let stopWatching: (() => Promise<void>) | undefined;
  let reading: Promise<void> = Promise.resolve();
  let probed: { at: number; answer: Promise<void> } | undefined;

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
    const missing = missingKeys(await keystore.read(), wanted);
    if (missing.length === 0) return;
    // Made before the exclusive change: four RSA keys can take a second. Of two processes that start together one is too late.
    const spare = await Promise.all(missing.map((one) => make(one, now)));
    await changeWith(spare, (found) => completed(found, wanted, spare, now));
  };

  /** A key beside the one that signs. A module that lacks that one is another than two people agreed on, and makes none. */
  const make = async ({ algorithm, custody, beside }: Omit<Missing, 'state'>, now: Date): Promise<SigningKey> => {
    if (beside?.custody === custody) await keystore.probe([beside]);
    return keystore.make(algorithm, now, custody);
  };

  /** Makes a change with keys that were made for it, and unmakes those that it did not take in. */
  const changeWith = async (spare: readonly SigningKey[], decide: Decide, on?: Queryable): Promise<void> => {
    let taken: readonly SigningKey[] = [];
    try {
      let change: ReturnType<Decide>;
      await keystore.change((found) => {
        change = decide(found);
        return change;
      }, on);
      taken = change?.keys ?? [];
    } finally {
      const unused = spare.filter(({ kid }) => !taken.some((key) => key.kid === kid));
      if (unused.length > 0) await keystore.unmake(unused).catch(failed);
    }
  };

  const rotateOne = async (
    seen: { readonly current: SigningKey; readonly next: SigningKey | undefined },
    { force = false, custody, by, on }: RotationWish,
  ): Promise<Rotation> => {
    const now = clock.now();
    const { current, next = current } = seen;
    const { algorithm } = current;
    const spare = await make({ algorithm, custody: custody ?? next.custody, beside: current }, now);
    let rotation: Rotation | undefined;
    const decide: Decide = (found) => {
      const outcome = rotated(found, current, spare, {
        ...{ publishFor: overlap.publishFor, force, now },
        ...(by ? { by } : {}),
      });
      rotation = outcome.rotation;
      return outcome.change;
    };
    await changeWith([spare], decide, on);
    return rotation!;
  };

  const rotateAll = async (
    which: (key: SigningKey, next: SigningKey | undefined) => boolean,
    wish: RotationWish,
  ): Promise<Rotation[]> => {
    const rotations: Rotation[] = [];
    const all = inOrder(await keystore.read(wish.on), algorithms);
    const nextTo = ({ algorithm }: SigningKey) =>
      all.find((key) => key.algorithm === algorithm && key.state === 'next');
    for (const current of all.filter(({ state }) => state === 'current')) {
      const seen = { current, next: nextTo(current) };
      if (which(current, seen.next)) rotations.push(await rotateOne(seen, wish));
    }
    await refresh();
    return rotations;
  };

  return {
    async ensure() {
      await complete();
      await refresh();
      stopWatching ??= await keystore.watch(() => void refresh().catch(failed));
    },
    keys: () => keys,
    custody: keystore.custody,
    makes: keystore.makes,
    publicJwks: () => ({ keys: keys.map(publicJwkOf) }),
    current(algorithm) {
      const key = keys.find((candidate) => candidate.algorithm === algorithm && candidate.state === 'current');
      if (!key)
        throw new Error(`no current ${algorithm} key: ensure() has not run, or the algorithm is not configured`);
      return key;
    },
    list: () => describedKeys(keys, overlap),
    listIn: async (on) => describedKeys(inOrder(await keystore.read(on), algorithms), overlap),
    rotate: (wish = {}) => rotateAll((key) => wish.algorithm === undefined || key.algorithm === wish.algorithm, wish),
    async maintain(every) {
      await complete();
      const now = clock.now();
      // Where keys rest is a setting, and one person sets it: signing moves there by a wish, never by itself.
      const due = ({ activatedAt, createdAt, custody }: SigningKey, next?: SigningKey): boolean =>
        custody === keystore.custody &&
        next?.custody === custody &&
        (activatedAt ?? createdAt).getTime() + every * 1000 <= now.getTime();
      const rotations = await rotateAll(due, {});
      await keystore.change((found) => withoutExpired(found, overlap.retainFor, now));
      await refresh();
      return rotations;
    },
    probe() {
      const now = performance.now();
      if (!probed || now - probed.at > PROBED_FOR) {
        probed = { at: now, answer: keystore.probe(keys.filter(({ state }) => state === 'current')) };
      }
      return probed.answer;
    },
    onChange(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    async stop() {
      await stopWatching?.();
      stopWatching = undefined;
      await reading.catch(() => {});
      await keystore.close();
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
