import type { Clock } from '../../platform/clock.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { dayInVietNam, type Lock, type LockGround, type Subscribers } from '../subscribers/index.ts';
import { type Aspect, type Kind, PUTS, type Reported, type Value } from './event.ts';
import type { Word } from './store.ts';

/** Word to a person of a change that is no lock. */
export type Told = (subscriberId: string, kind: 'name_corrected' | 'number_changed') => Promise<readonly Write[]>;

/** What follows of a report for the account of the number. */
export interface Followed {
  readonly outcome: 'applied' | 'no_account' | 'number_taken';
  readonly writes: readonly Write[];
  /** What is written before, each as a statement of its own. */
  readonly first?: readonly (readonly Write[])[];
  /** Whose account it was found to be. */
  readonly holder?: string;
}

/** How an aspect of a number stands, with the report that says more than that. */
export interface Known {
  readonly aspect: Aspect;
  readonly value: Value;
  readonly said?: Reported;
}

/** A report of a person, and whose account it is about. */
interface Following {
  readonly holder: string | undefined;
  readonly reported: Exclude<Reported, { kind: 'number-reestablished' | 'guardianship-ended' }>;
  readonly word: Word;
}

const SYSTEM = { kind: 'system' } as const;

/** The ground on which each standing locks; the others lock nothing. */
const LOCKS: Partial<Record<Value, LockGround>> = {
  deceased: 'death',
  cancelled: 'number_cancelled',
  held: 'card_held',
  revoked: 'card_revoked',
};

/** What each word lifts, of what the register can have locked on. What runs out by itself a new card lifts as well. */
const LIFTS: Partial<Record<Kind, readonly LockGround[]>> = {
  'death-corrected': ['death'],
  'number-restored': ['number_cancelled'],
  'number-reestablished': ['number_cancelled'],
  'card-returned': ['card_held'],
  'card-issued': ['card_held', 'card_revoked', 'card_expired', 'residence_expired'],
  'passport-issued': ['passport_expired'],
};
/** What is locked for what was said of a card. */
const OF_CARDS: readonly LockGround[] = ['card_held', 'card_revoked'];
/** The word that each standing is that of, where no report is kept that says more. */
const WORDS: Partial<Record<Value, Kind>> = {
  alive: 'death-corrected',
  current: 'number-restored',
  valid: 'card-returned',
};
/** Lifted whoever has locked on them: the ground is gone (Decree 69/2024 Art. 30). What an officer has revoked stays. */
const GONE_FOR_ALL: readonly LockGround[] = ['card_held', 'card_expired', 'residence_expired', 'passport_expired'];

/** What each report does to an account, as steps and writes of one transaction. */
export function createEffects(parts: {
  readonly clock: Clock;
  readonly subscribers: Pick<
    Subscribers,
    'find' | 'locks' | 'locking' | 'unlocking' | 'rename' | 'cardUntil' | 'passportUntil'
  >;
  readonly told: Told;
}) {
  const { clock, subscribers, told } = parts;

  /** Brings the locks of an account to what the register says: locked on these grounds, and on those no longer. Statements of their own. */
  async function brought(
    id: string,
    { on, over }: { readonly on: readonly LockGround[]; readonly over: readonly LockGround[] },
  ): Promise<readonly (readonly Write[])[]> {
    const open = (await subscribers.locks(id)).filter(({ liftedAt }) => !liftedAt);
    const wanting = on.filter((ground) => !open.some((lock) => lock.ground === ground));
    const made = await Promise.all(wanting.map((ground) => subscribers.locking(id, ground, { by: SYSTEM })));
    const lifted = open.filter(
      (lock: Lock) => over.includes(lock.ground) && (GONE_FOR_ALL.includes(lock.ground) || lock.openedBy === 'system'),
    );
    const under = made[0] ? { under: made[0].lock } : {};
    return [
      ...made.map(({ writes }) => writes),
      ...(lifted.length === 0 ? [] : [await subscribers.unlocking(id, lifted, { by: SYSTEM, ...under })]),
    ];
  }

  async function locks(id: string, kind: Kind): Promise<readonly Write[]> {
    const ground = LOCKS[PUTS[kind][1]];
    return (await brought(id, ground ? { on: [ground], over: [] } : { on: [], over: LIFTS[kind] ?? [] })).flat();
  }

  const isGood = ({ expires_on: lastDay }: Issued): boolean =>
    lastDay === undefined || lastDay >= dayInVietNam(clock.now());
  const until = (id: string, { kind, expires_on: lastDay }: Issued): Write =>
    kind === 'card-issued' ? subscribers.cardUntil(id, lastDay) : subscribers.passportUntil(id, lastDay);

  /**
   * A new card, or a new passport, is a good one while its last day has not passed; what was said of it since locks all the same, once.
   * Of an earlier card that it was issued takes back what was taken for the word about the present one.
   */
  const issued = async (id: string, reported: Issued, { value, stood, isLast = true }: Word): Promise<Followed> => {
    const ground = LOCKS[value];
    const lifts = !isLast ? OF_CARDS : isGood(reported) ? (LIFTS[reported.kind] ?? []) : [];
    const over = lifts.filter((one) => one !== ground);
    const steps = await brought(id, { on: ground && !stood ? [ground] : [], over });
    const dated = isLast ? [until(id, reported)] : [];
    return { outcome: 'applied', first: steps.slice(0, -1), writes: [...dated, ...(steps.at(-1) ?? [])] };
  };

  async function renamed(id: string, reported: Extract<Reported, { kind: 'name-corrected' }>): Promise<Followed> {
    const subscriber = await subscribers.find(id);
    if (!subscriber) throw new Error('an account without a person');
    const { full_name: fullName, family_name: familyName, middle_name: middleName, given_name: givenName } = reported;
    const name = {
      fullName,
      ...(familyName === undefined ? {} : { familyName }),
      ...(middleName === undefined ? {} : { middleName }),
      ...(givenName === undefined ? {} : { givenName }),
    };
    return {
      outcome: 'applied',
      writes: [...subscribers.rename(subscriber, name, SYSTEM), ...(await told(id, 'name_corrected'))],
    };
  }

  return {
    async follow({ holder, reported, word }: Following): Promise<Followed> {
      if (holder === undefined) return { outcome: 'no_account', writes: [] };
      if (reported.kind === 'name-corrected') return renamed(holder, reported);
      if (isIssued(reported)) return issued(holder, reported, word);
      return { outcome: 'applied', writes: await locks(holder, reported.kind) };
    },

    /** What an account has of what is known: its name, and the last days of its documents. Each a statement of its own: of one row. */
    async contents(id: string, news: readonly Known[]): Promise<readonly (readonly Write[])[]> {
      const name = news.flatMap(({ said }) => (said?.kind === 'name-corrected' ? [said] : []))[0];
      const documents = news.flatMap(({ said }) => (said && isIssued(said) ? [[until(id, said)]] : []));
      return [...(name ? [(await renamed(id, name)).writes] : []), ...documents];
    },

    /** Its locks, as statements of their own: locked first, so that it opens in no moment between. */
    standings: (id: string, news: readonly Known[]): Promise<readonly (readonly Write[])[]> =>
      brought(id, {
        on: news.flatMap(({ value }) => LOCKS[value] ?? []),
        over: news.flatMap(({ value, said }) => {
          const ground = LOCKS[value];
          const isNew = said !== undefined && isIssued(said);
          const kind = isNew ? (isGood(said) ? said.kind : undefined) : ground ? undefined : WORDS[value];
          const lifts = [...(value === 'held' ? OF_CARDS : []), ...((kind && LIFTS[kind]) ?? [])];
          return lifts.filter((one) => one !== ground);
        }),
      }),
  };
}
export type Effects = ReturnType<typeof createEffects>;

type Issued = Extract<Reported, { kind: 'card-issued' | 'passport-issued' }>;
const isIssued = (reported: Reported): reported is Issued =>
  reported.kind === 'card-issued' || reported.kind === 'passport-issued';
