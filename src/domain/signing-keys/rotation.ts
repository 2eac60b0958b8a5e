import type { Actor, JournalEvent } from '../audit/index.ts';
import type { Algorithm, Custody, SigningKey } from './key.ts';
import type { KeyChange } from './keystore.ts';

/** What became of the wish to rotate one algorithm's key. */
export type Rotation =
  | { readonly algorithm: Algorithm; readonly rotated: true; readonly current: string; readonly retired: string }
  | {
      readonly algorithm: Algorithm;
      readonly rotated: false;
      /** `too_early`: relying parties may hold a key set without the next key until `usableAt`. `raced`: another process did it. */
      readonly reason: 'too_early' | 'raced';
      readonly usableAt?: Date;
    };

/** How long keys are shown before and after they sign; seconds. */
export interface Overlap {
  /** How long a key must have been published before it signs: at least as long as relying parties may cache the key set. */
  readonly publishFor: number;
  /** How long a retired key stays published: at least as long as anything it signed is accepted. */
  readonly retainFor: number;
}

const byItself: Pick<JournalEvent, 'actor'> = { actor: { kind: 'system' } };

/** The keys that there should be: for each algorithm a current and a next one. */
export interface Wanted {
  readonly algorithms: readonly Algorithm[];
  /** Where the first keys of an algorithm rest. */
  readonly custody: Custody;
  /** Where keys can be made. */
  readonly makes: readonly Custody[];
}

/** Adds what is missing. `spare` holds freshly made keys. */
export function completed(
  keys: readonly SigningKey[],
  wanted: Wanted,
  spare: readonly SigningKey[],
  now: Date,
): KeyChange | undefined {
  const all = [...keys];
  const unused = [...spare];
  const events: JournalEvent[] = [];
  for (const { algorithm, state, custody } of missingKeys(keys, wanted)) {
    const index = unused.findIndex((key) => key.algorithm === algorithm && key.custody === custody);
    const [key] = index < 0 ? [] : unused.splice(index, 1);
    if (!key) continue;
    const { createdAt, kid } = key;
    all.push(state === 'current' ? { ...key, state, activatedAt: now } : { ...key, createdAt });
    events.push({ ...byItself, type: 'keys.created', detail: { algorithm, kid, state, custody } });
  }
  return events.length > 0 ? { keys: all, events } : undefined;
}

/** A key that should exist and does not. `beside` is the one that signs, if there is one. */
export interface Missing {
  readonly algorithm: Algorithm;
  readonly state: 'current' | 'next';
  readonly custody: Custody;
  readonly beside?: SigningKey;
}

/**
 * The keys that should exist and do not. A next key is published at once, and one person sets where keys rest: it rests where
 * the current one does, unless two people have agreed to another custody when they rotated.
 */
export const missingKeys = (keys: readonly SigningKey[], { algorithms, custody, makes }: Wanted): Missing[] =>
  algorithms.flatMap((algorithm) => {
    const inState = (state: SigningKey['state']) =>
      keys.find((key) => key.algorithm === algorithm && key.state === state);
    const beside = inState('current');
    return (['current', 'next'] as const)
      .filter((state) => !inState(state))
      .map((state) => ({ algorithm, state, custody: beside?.custody ?? custody, ...(beside ? { beside } : {}) }))
      .filter((missing) => makes.includes(missing.custody));
  });

/**
 * When the next key may sign: once every key set that a relying party may still hold contains it. A next key that was published
 * with the current one stands in all of them.
 */
export function usableAt(current: SigningKey, next: SigningKey, publishFor: number): Date {
  if (next.createdAt <= current.createdAt) return next.createdAt;
  return new Date(next.createdAt.getTime() + publishFor * 1000);
}

/** next → current, current → retired, and a new next. `seen` is the key that was current when the rotation was wished for. */
export function rotated(
  keys: readonly SigningKey[],
  seen: SigningKey,
  spare: SigningKey,
  { publishFor, force, now, by = byItself.actor }: { publishFor: number; force: boolean; now: Date; by?: Actor },
): { rotation: Rotation; change?: KeyChange } {
  const { algorithm } = seen;
  const inState = (state: SigningKey['state']) =>
    keys.find((key) => key.algorithm === algorithm && key.state === state);
  const current = inState('current');
  const next = inState('next');
  // Two operators, or an operator and the timer, who wish it at the same moment get it once.
  if (!current || !next || current.kid !== seen.kid) {
    return { rotation: { algorithm, rotated: false, reason: 'raced' } };
  }
  const usable = usableAt(current, next, publishFor);
  if (!force && usable > now) {
    return { rotation: { algorithm, rotated: false, reason: 'too_early', usableAt: usable } };
  }
  const others = keys.filter((key) => key !== current && key !== next);
  return {
    rotation: { algorithm, rotated: true, current: next.kid, retired: current.kid },
    change: {
      keys: [
        ...others,
        { ...current, state: 'retired', retiredAt: now },
        { ...next, state: 'current', activatedAt: now },
        spare,
      ],
      events: [
        {
          actor: by,
          type: 'keys.rotated',
          detail: { algorithm, current: next.kid, retired: current.kid, next: spare.kid, forced: force },
        },
      ],
    },
  };
}

/** Removes retired keys when nothing they signed is accepted any more. */
export function withoutExpired(keys: readonly SigningKey[], retainFor: number, now: Date): KeyChange | undefined {
  const expired = keys.filter(
    ({ state, retiredAt }) =>
      state === 'retired' && retiredAt && retiredAt.getTime() + retainFor * 1000 <= now.getTime(),
  );
  if (expired.length === 0) return undefined;
  return {
    keys: keys.filter((key) => !expired.includes(key)),
    events: expired.map(({ algorithm, kid }) => ({
      ...byItself,
      type: 'keys.forgotten' as const,
      detail: { algorithm, kid },
    })),
  };
}
