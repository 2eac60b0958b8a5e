import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import type { Guardianships } from '../guardianships/index.ts';
import type { Subscribers } from '../subscribers/index.ts';
import { createCards, isOfCard } from './cards.ts';
import { createEffects, type Followed, type Told } from './effects.ts';
import { isUnordered, type Outcome, PUTS, type Reported, type SignedEvent } from './event.ts';
import { createGuardians } from './guardians.ts';
import { createNumbers } from './numbers.ts';
import * as store from './store.ts';
import { closeAt } from './terms.ts';
import { createTokenReader, type RegisterSigner, type TokenError } from './token.ts';

/** What came of a token: taken, and what followed; taken before; or not taken, and why. */
export type Taken =
  | { readonly taken: true; readonly outcome: Outcome | 'known' }
  | { readonly taken: false; readonly err: TokenError };

/** What the population register reports of changes. */
export interface RegisterEvents {
  /** One security event token. What follows of it follows in one transaction with its record, once. */
  take(token: string): Promise<Taken>;
  /** Closes an account whose term after a death, or after the end of its number, is over. Answers whether there was one. */
  closeNext(): Promise<boolean>;
  /** Whether, for all that was reported, the holder of a number lives, and the number and this card are theirs. */
  stands(number: string, documentNumber: string): Promise<boolean>;
  /** The same of a passport of whoever has the number: no other has taken its place. */
  passportStands(number: string, documentNumber: string): Promise<boolean>;
  /** The last day, ISO 8601, of the passport that was reported issued last to whoever has a number; undefined where none was. */
  passportUntil(number: string): Promise<string | undefined>;
  /** How many events somebody has to look at. */
  kept(): Promise<{ readonly count: number; readonly newest?: Date }>;
}

/** What the part works with. */
export interface RegisterEventsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `register-events`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly subscribers: Pick<
    Subscribers,
    | 'directoryKey'
    | 'holding'
    | 'find'
    | 'identityNumber'
    | 'locks'
    | 'locking'
    | 'unlocking'
    | 'renumber'
    | 'rename'
    | 'cardUntil'
    | 'passportUntil'
    | 'closing'
  >;
  /** None where nothing reports to us: then no token is taken. */
  readonly signer?: RegisterSigner;
  /** Who looks after whose account. */
  readonly guardianships: Pick<Guardianships, 'endingByRegister' | 'concernedBy'>;
  /** Whether the register names somebody a guardian at this moment. None where nobody can be asked. */
  readonly isNamed?: (of: { readonly guardian: string; readonly ward: string }) => Promise<boolean>;
  /** Our own issuer. */
  readonly audience: string;
  /**
   * What a report does to applications that are not yet an account, as writes of the same transaction; with the number that its person
   * has now, the account of the guardian whom it names, and when it was made.
   */
  readonly applications?: (
    number: string,
    reported: Reported,
    of: { readonly guardian?: string | undefined; readonly saidAt: Date },
  ) => Promise<readonly Write[]>;
  /** Word to the person. Part of the same transaction. */
  readonly told: Told;
  /** Counts what comes. */
  readonly count?: (line: { readonly kind: string; readonly outcome: Outcome | 'known' | TokenError }) => void;
}

const SYSTEM = { kind: 'system' } as const;
const MOST_TRIES = 5;

type Read = SignedEvent & { readonly reported: Reported };
class Second extends Error {}

/** Register events on a database. */
export function createRegisterEvents(parts: RegisterEventsParts): RegisterEvents {
  const { database, clock, sealer, journal, subscribers } = parts;
  const effects = createEffects(parts);
  const cards = createCards(parts);
  const numbers = createNumbers(parts, { effects, cards });
  const guardians = createGuardians(parts, numbers);
  const readToken = parts.signer && createTokenReader({ signer: parts.signer, audience: parts.audience, clock });

  /** How its aspect stands with a report; or why that changes nothing: it is older, or about a card that is no more. */
  async function judged(
    transaction: Queryable,
    key: Buffer,
    { known, reported, moves }: { known: store.Standing | undefined; reported: Reported; moves: readonly number[] },
  ): Promise<store.Word | Outcome> {
    const { sequence } = reported;
    if (isOfCard(reported)) {
      const left = moves.find((move) => move > sequence);
      return cards.heard(transaction, key, { known, reported, left });
    }
    const last = reported.kind === 'number-reestablished' ? store.movedAt(known) : (known?.sequence ?? 0);
    if (last >= sequence) return 'superseded';
    return { value: PUTS[reported.kind][1], sequence: Math.max(sequence, known?.sequence ?? 0) };
  }

  function putting(key: Buffer, { value, sequence, document, isLast = true }: store.Word, reported: Reported): Write[] {
    // Where numbers lead is written where they are followed.
    if (reported.kind === 'number-reestablished') return [];
    const [aspect] = PUTS[reported.kind];
    if (isUnordered(aspect)) return [];
    const now = clock.now();
    const says = ['card-issued', 'passport-issued', 'name-corrected'].includes(reported.kind) && isLast;
    const about = 'document_number' in reported ? store.documentKey(sealer, reported.document_number) : undefined;
    return [
      store.put(key, aspect, {
        ...{ value, sequence, now, closeAt: closeAt(value, now) },
        ...(about && { document: document ?? about }),
        ...(says ? { said: store.sealSaid(sealer, aspect, JSON.stringify(reported)) } : {}),
      }),
    ];
  }

  async function follow(
    transaction: Queryable,
    { key, holder, event, word }: { key: Buffer; holder: string | undefined; event: Read; word: store.Word },
  ): Promise<Followed> {
    const { reported, saidAt } = event;
    if (reported.kind === 'number-reestablished') {
      const moved = await numbers.renumbered(transaction, { key, holder }, reported);
      if (moved.outcome === 'number_taken') return moved;
      return { ...moved, writes: [...moved.writes, ...(await guardians.renumbered(transaction, key))] };
    }
    if (reported.kind !== 'guardianship-ended') return effects.follow({ holder, reported, word });
    if (holder === undefined) return { outcome: 'no_account', writes: [] };
    return { outcome: 'applied', writes: await guardians.ending(transaction, holder, { reported, saidAt }) };
  }

  /** What applications hear of it: of a card that was taken away before one was told that it was issued, that it was. */
  const heard = (reported: Reported, { value, stood }: store.Word): Reported =>
    reported.kind === 'card-issued' && value !== 'valid' && !stood
      ? { ...reported, kind: value === 'held' ? 'card-held' : 'card-revoked' }
      : reported;

  async function applying(
    transaction: Queryable,
    number: string,
    { event: { reported, saidAt }, word }: { readonly event: Read; readonly word: store.Word },
  ): Promise<readonly Write[]> {
    // That an earlier card was issued is no news to them.
    if (!parts.applications || (reported.kind === 'card-issued' && !word.isLast)) return [];
    const guardian = await guardians.accountOf(transaction, reported);
    return parts.applications(number, heard(reported, word), { guardian, saidAt });
  }

  async function takeIn(transaction: Queryable, event: SignedEvent): Promise<Taken> {
    const aspect = 'reported' in event ? PUTS[event.reported.kind][0] : undefined;
    const of = await numbers.resolve(transaction, { number: event.number, aspect });
    const { key, holder, moves, number = event.number } = of;
    const before = await store.taken(transaction, sealer, event);
    // One name for two things: neither the register nor anybody else may say something new under an old name.
    if (before)
      return before.digest.equals(event.digest)
        ? { taken: true, outcome: 'known' }
        : { taken: false, err: 'invalid_request' };

    const known = aspect && !isUnordered(aspect) ? await store.standing(transaction, key, aspect) : undefined;
    const judgement =
      'unread' in event ? event.unread : await judged(transaction, key, { known, reported: event.reported, moves });
    const word = typeof judgement === 'string' ? undefined : judgement;
    const followed = 'reported' in event && word ? await follow(transaction, { key, holder, event, word }) : undefined;
    const subscriberId = followed?.holder ?? holder;
    const outcome: Outcome = typeof judgement === 'string' ? judgement : (followed?.outcome ?? 'no_account');
    const holds = outcome === 'applied' || outcome === 'no_account';
    const id = newId();
    const isKept = outcome === 'no_account' && 'reported' in event && event.reported.kind === 'guardianship-ended';
    const came = { id, outcome, subscriberId, wardHash: isKept ? key : undefined, now: clock.now() };
    for (const writes of followed?.first ?? []) await writeTogether(transaction, writes);
    await writeTogether(transaction, [
      store.insertEvent(sealer, event, came, () => new Second()),
      ...('reported' in event && holds && word ? putting(key, word, event.reported) : []),
      ...('reported' in event && holds && word ? await applying(transaction, number, { event, word }) : []),
      ...(followed?.writes ?? []),
      journal.append({
        ...{ type: 'register.event_taken', actor: SYSTEM, ...(subscriberId === undefined ? {} : { subscriberId }) },
        detail: { event: id, kind: 'reported' in event ? event.reported.kind : event.kind, outcome },
      }),
    ]);
    return { taken: true, outcome };
  }

  // One at a time in each process: whoever reads beside a transaction of its own needs two connections.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };

  /** Somebody else has changed the account, or brought the same event: read anew. */
  async function tried<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (tries === MOST_TRIES || !isOvertaken(error)) throw error;
      }
    }
  }

  /** Those of this round that could not be closed: whoever comes behind them does not wait, and the last of a round tells of them. */
  const stuck = new Map<string, unknown>();
  async function closeNext(): Promise<boolean> {
    let key: Buffer | undefined;
    try {
      const closed = await tried(() =>
        database.transaction(async (transaction) => {
          const due = await store.lockDue(transaction, clock.now(), [...stuck.keys()]);
          key = due?.key;
          if (!due) return false;
          const holder = await subscribers.holding(transaction, due.key);
          await writeTogether(transaction, [
            store.settled(due.key, due.aspect),
            ...(holder === undefined ? [] : await subscribers.closing(holder, SYSTEM)),
          ]);
          return true;
        }),
      );
      if (closed) return true;
    } catch (error) {
      if (!key) throw error;
      stuck.set(key.toString('hex'), error);
      return true;
    }
    const [[, cause] = [], count] = [[...stuck][0], stuck.size];
    stuck.clear();
    if (count > 0) throw new Error(`${count} accounts whose term is over were not closed`, { cause });
    return false;
  }

  return {
    async take(token) {
      const read = readToken ? await readToken(token) : ({ read: false, err: 'invalid_issuer' } as const);
      if (!read.read) {
        parts.count?.({ kind: 'unread', outcome: read.err });
        return { taken: false, err: read.err };
      }
      const { event } = read;
      const taken = await inTurn(() => tried(() => database.transaction((transaction) => takeIn(transaction, event))));
      const kind = 'reported' in event ? event.reported.kind : event.kind;
      parts.count?.({ kind, outcome: taken.taken ? taken.outcome : taken.err });
      return taken;
    },

    closeNext: () => inTurn(closeNext),

    stands: (number, documentNumber) =>
      store.stands(database, subscribers.directoryKey(number), store.documentKey(sealer, documentNumber)),
    passportStands: (number, documentNumber) =>
      store.passportStands(database, subscribers.directoryKey(number), store.documentKey(sealer, documentNumber)),
    async passportUntil(number) {
      const known = await store.standing(database, subscribers.directoryKey(number), 'passport');
      const reported = known?.said && (JSON.parse(store.openSaid(sealer, 'passport', known.said)) as Reported);
      return reported?.kind === 'passport-issued' ? reported.expires_on : undefined;
    },
    kept: () => store.keptEvents(database),
  };
}

/** Everything that is written here is written on a condition; what fails on one is tried anew, and what is a fault fails again. */
const isOvertaken = (error: unknown): boolean =>
  error instanceof Error && (error instanceof Second || (error as { code?: string }).code === undefined);
