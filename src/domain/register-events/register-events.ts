import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import type { Guardianships } from '../guardianships/index.ts';
import type { Subscribers } from '../subscribers/index.ts';
import { createEffects, type Told } from './effects.ts';
import { type Aspect, isUnordered, type Outcome, PUTS, type Reported, type SignedEvent } from './event.ts';
import * as store from './store.ts';
import { termsAt } from './terms.ts';
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
  readonly guardianships: Pick<Guardianships, 'endingByRegister'>;
  /** Our own issuer. */
  readonly audience: string;
  /** What a report does to applications that are not yet an account, as writes of the same transaction. */
  readonly applications?: (number: string, reported: Reported) => Promise<readonly Write[]>;
  /** Word to the person. Part of the same transaction. */
  readonly told: Told;
  /** Counts what comes. */
  readonly count?: (line: { readonly kind: string; readonly outcome: Outcome | 'known' | TokenError }) => void;
}

const SYSTEM = { kind: 'system' } as const;
const DAY = 86_400_000;
/** How far a number is followed that was cancelled and established anew. */
const MOST_SUCCESSORS = 10;
const MOST_TRIES = 5;
const isNewOne = (kind: Reported['kind']): boolean => kind === 'card-issued' || kind === 'passport-issued';

class Second extends Error {}

/** Register events on a database. */
export function createRegisterEvents(parts: RegisterEventsParts): RegisterEvents {
  const { database, clock, sealer, journal, subscribers } = parts;
  const effects = createEffects(parts);
  const readToken = parts.signer && createTokenReader({ signer: parts.signer, audience: parts.audience, clock });

  /**
   * Where a report belongs, and whose account it is: nobody opens one for the number until the transaction ends. What is
   * reported of a person whose number was replaced since is about the number that they have now; what is reported of a number
   * stays with it.
   */
  async function resolve(transaction: Queryable, { number, aspect }: { number: string; aspect: Aspect | undefined }) {
    let key = subscribers.directoryKey(number);
    for (let left = MOST_SUCCESSORS; left > 0; left -= 1) {
      const holder = await subscribers.holding(transaction, key);
      if (holder !== undefined || aspect === 'number') return { key, holder };
      const successor = (await store.standing(transaction, key, 'number'))?.successor;
      if (!successor) return { key, holder };
      key = successor;
    }
    throw new Error('a number was replaced by itself');
  }

  /** Whether a report holds, and what it is about: an older one, or one about a card that is no more, changes nothing. */
  async function judged(transaction: Queryable, key: Buffer, reported: Reported): Promise<Outcome | undefined> {
    const [aspect] = PUTS[reported.kind];
    if (isUnordered(aspect)) return undefined;
    const known = await store.standing(transaction, key, aspect);
    if (known && known.sequence >= reported.sequence) return 'superseded';
    if (!('document_number' in reported) || isNewOne(reported.kind)) return undefined;
    const document = store.documentKey(sealer, reported.document_number);
    // A card that was revoked does not become good by being given back.
    if (reported.kind === 'card-returned' && (await store.cardOf(transaction, key, document)) === 'revoked')
      return 'superseded';
    const issued = await store.issuedLast(transaction, key);
    return issued && !issued.equals(document) ? 'former_card' : undefined;
  }

  /** What is said of one card stands with it, whatever it comes to for the person. */
  function puttingCard(key: Buffer, reported: Reported): Write[] {
    const [aspect, value] = PUTS[reported.kind];
    if (aspect !== 'card' || !('document_number' in reported)) return [];
    const document = store.documentKey(sealer, reported.document_number);
    const { sequence, kind } = reported;
    return [store.putCard(key, { document, value, sequence, isNew: isNewOne(kind), now: clock.now() })];
  }

  function putting(key: Buffer, reported: Reported): Write[] {
    const [aspect, value] = PUTS[reported.kind];
    if (isUnordered(aspect)) return [];
    const now = clock.now();
    const { closingDays } = termsAt(now);
    const days = value === 'deceased' || value === 'cancelled' ? closingDays[value] : undefined;
    const { sequence } = reported;
    const successor =
      reported.kind === 'number-reestablished' ? subscribers.directoryKey(reported.identity_number) : undefined;
    return [
      store.put(key, aspect, {
        ...{ value, sequence, now, closeAt: days === undefined ? undefined : new Date(now.getTime() + days * DAY) },
        ...(successor ? { successor } : {}),
        ...('document_number' in reported ? { document: store.documentKey(sealer, reported.document_number) } : {}),
      }),
      ...(successor ? [store.handOn(key, successor), store.handCardsOn(key, successor)] : []),
    ];
  }

  /** Whose account is that of the guardian whom a report names: also by a number that was replaced since. */
  const guardianIn = async (transaction: Queryable, reported: Reported): Promise<string | undefined> =>
    reported.kind === 'guardianship-ended'
      ? (await resolve(transaction, { number: reported.guardian_identity_number, aspect: 'guardianship' })).holder
      : undefined;

  async function takeIn(transaction: Queryable, event: SignedEvent): Promise<Taken> {
    const aspect = 'reported' in event ? PUTS[event.reported.kind][0] : undefined;
    const { key, holder } = await resolve(transaction, { number: event.number, aspect });
    const before = await store.taken(transaction, sealer, event);
    // One name for two things: neither the register nor anybody else may say something new under an old name.
    if (before)
      return before.digest.equals(event.digest)
        ? { taken: true, outcome: 'known' }
        : { taken: false, err: 'invalid_request' };

    const kept = 'unread' in event ? event.unread : await judged(transaction, key, event.reported);
    const followed =
      'unread' in event || kept
        ? undefined
        : await effects.follow(transaction, {
            holder,
            reported: event.reported,
            guardian: await guardianIn(transaction, event.reported),
          });
    const outcome: Outcome = kept ?? followed?.outcome ?? 'no_account';
    const holds = 'reported' in event && (outcome === 'applied' || outcome === 'no_account');
    const id = newId();
    await writeTogether(transaction, [
      store.insertEvent(sealer, event, { id, outcome, subscriberId: holder, now: clock.now() }, () => new Second()),
      ...('reported' in event ? puttingCard(key, event.reported) : []),
      ...(holds ? putting(key, event.reported) : []),
      ...(holds ? ((await parts.applications?.(event.number, event.reported)) ?? []) : []),
      ...(followed?.writes ?? []),
      journal.append({
        ...{ type: 'register.event_taken', actor: SYSTEM, ...(holder === undefined ? {} : { subscriberId: holder }) },
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

    closeNext: () =>
      inTurn(() =>
        tried(() =>
          database.transaction(async (transaction) => {
            const due = await store.lockDue(transaction, clock.now());
            if (!due) return false;
            const holder = await subscribers.holding(transaction, due.key);
            await writeTogether(transaction, [
              store.settled(due.key, due.aspect),
              ...(holder === undefined ? [] : await subscribers.closing(holder, SYSTEM)),
            ]);
            return true;
          }),
        ),
      ),

    stands: (number, documentNumber) =>
      store.stands(database, subscribers.directoryKey(number), store.documentKey(sealer, documentNumber)),
    kept: () => store.keptEvents(database),
  };
}

/** Everything that is written here is written on a condition; what fails on one is tried anew, and what is a fault fails again. */
const isOvertaken = (error: unknown): boolean =>
  error instanceof Error && (error instanceof Second || (error as { code?: string }).code === undefined);
