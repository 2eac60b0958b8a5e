import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Sql } from '../../platform/sql.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, EventType, Journal } from '../audit/index.ts';
import { endOfTerm } from '../legal-terms/index.ts';
import {
  type Consent,
  type ConsentEntry,
  type ConsentText,
  type Disclosure,
  type DisclosureReceipt,
  type PurposeWords,
  SIGN_IN,
  type Told,
  type Withdrawal,
} from './consent.ts';
import { keepText } from './purpose-store.ts';
import * as store from './store.ts';
import * as withdrawalStore from './withdrawal-store.ts';

/** What somebody agrees to. */
export interface Giving {
  readonly subscriberId: string;
  readonly clientId: string;
  readonly purpose?: string;
  readonly scopes: readonly string[];
  readonly claims: readonly string[];
  readonly text: ConsentText;
  readonly purposeWords: PurposeWords;
  readonly givenBy?: Consent['givenBy'];
}

/** What people agreed to, and what left on the strength of it. Nothing here is ever changed, only added to. */
export interface Consents {
  /** The consent that stands between a person and a client. One statement. */
  find(subscriberId: string, clientId: string, purpose?: string): Promise<Consent | undefined>;
  /**
   * A consent as writes, and the consent itself. `standing` is what `find` answered: what was agreed before and is not asked
   * again stays agreed, and the new entry takes the place of the old.
   */
  give(giving: Giving, standing?: Consent): { readonly consent: Consent; readonly writes: Write[] };
  /** Takes a standing consent back. Ending the tokens that rest on it, and telling whoever got data, is the caller's, in the same unit. */
  withdraw(standing: Consent, by: Actor, told?: Told): Write[];
  /** The message that tells a relying party has arrived, or was given up; part of the act that notes what became of it. */
  toldOf(withdrawal: Withdrawn, became: 'arrived' | 'given_up'): Write[];
  /** The relying party says itself that it has stopped. False when there is nothing to write down: unknown, or said already. */
  confirmed(consentId: string): Promise<boolean>;
  /**
   * An officer has told whoever no message reaches (`told`), or has the word of a relying party that was told that it has stopped
   * (`confirmed`). False when there is nothing to write down: done already, not told yet, or told in another way.
   */
  byHand(consentId: string, step: 'told' | 'confirmed', by: Actor): Promise<boolean>;
  /** A person's withdrawals, the newest first. */
  withdrawals(subscriberId: string, limit?: number): Promise<Withdrawal[]>;
  /** Withdrawals that nobody has confirmed, whose date is nearest first. Nobody is named. */
  unconfirmed(page: { readonly limit: number; readonly after?: string | undefined }): Promise<Withdrawal[]>;
  /** How many nobody has confirmed, how many of them an officer has to tell, and how many are late. */
  withdrawalCounts(): Promise<{ readonly unconfirmed: number; readonly toTell: number; readonly overdue: number }>;
  /** Records what leaves. */
  disclose(disclosure: Disclosure): Write[];
  /** Every consent of a person with what became of it, the newest first. */
  history(subscriberId: string): Promise<ConsentEntry[]>;
  /** What left, the newest first; `before` is the receipt at which the page before ended. */
  disclosures(
    subscriberId: string,
    query?: {
      readonly limit?: number;
      readonly clientId?: string;
      readonly before?: Pick<DisclosureReceipt, 'at' | 'id'>;
    },
  ): Promise<DisclosureReceipt[]>;
  /** The clients that this has left to since a moment. */
  clientsTold(subscriberId: string, claim: string, since: Date): Promise<string[]>;
}

/** Which withdrawal, and between whom. */
export interface Withdrawn {
  readonly consentId: string;
  readonly clientId: string;
  readonly subscriberId: string;
}

/** What the part works with. */
export interface ConsentsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What becomes of the message that tells a relying party. */
const BECAME = {
  arrived: { statement: withdrawalStore.reached, type: 'consent.withdrawal_told' },
  given_up: { statement: withdrawalStore.giveUp, type: 'consent.withdrawal_not_told' },
} as const;

/** What an officer writes down. */
const HAND = {
  told: { statement: withdrawalStore.tellByHand, type: 'consent.withdrawal_told' },
  confirmed: { statement: withdrawalStore.confirmByHand, type: 'consent.withdrawal_confirmed' },
} as const;

class NothingToNote extends Error {}

type Said = Pick<Withdrawn, 'clientId' | 'subscriberId'>;
interface Noting {
  readonly statement: Sql;
  readonly event: {
    readonly type: EventType;
    readonly actor: Actor;
    readonly detail?: Readonly<Record<string, boolean>>;
  };
}

const union = (before: readonly string[] | undefined, now: readonly string[]): string[] => [
  ...new Set([...(before ?? []), ...now]),
];

/** The consents of a database. */
export function createConsents({ database, clock, journal }: ConsentsParts): Consents {
  /** What was said about a withdrawal, written down once. */
  async function noted(consentId: string, say: (about: Said) => Noting): Promise<boolean> {
    const about = UUID.test(consentId) ? await withdrawalStore.find(database, consentId) : undefined;
    if (!about) return false;
    const { statement, event } = say(about);
    try {
      await writeTogether(database, [
        { statement, lost: () => new NothingToNote() },
        journal.append({ ...event, ...about, detail: { consent: consentId, ...event.detail } }),
      ]);
      return true;
    } catch (error) {
      if (error instanceof NothingToNote) return false;
      throw error;
    }
  }

  return {
    find: (subscriberId, clientId, purpose = SIGN_IN) => store.find(database, subscriberId, clientId, purpose),

    give(giving, standing) {
      const consent: Consent = {
        id: newId(),
        subscriberId: giving.subscriberId,
        clientId: giving.clientId,
        purpose: giving.purpose ?? SIGN_IN,
        scopes: union(standing?.scopes, giving.scopes),
        claims: union(standing?.claims, giving.claims),
        ...{ text: giving.text, purposeWords: giving.purposeWords },
        givenBy: giving.givenBy ?? 'self',
        givenAt: clock.now(),
      };
      const { subscriberId, clientId } = consent;
      return {
        consent,
        writes: [
          keepText(giving.purposeWords),
          { statement: store.insertEntry(consent, 'given', standing?.id ?? null) },
          journal.append({
            type: 'consent.given',
            actor: { kind: 'subscriber', id: subscriberId },
            subscriberId,
            clientId,
            detail: {
              consent: consent.id,
              purpose: consent.purpose,
              scopes: consent.scopes,
              claims: consent.claims,
              supersedes: standing?.id ?? null,
            },
          }),
        ],
      };
    },

    withdraw(standing, by, told = 'by_hand') {
      const { subscriberId, clientId } = standing;
      const now = clock.now();
      const withdrawal = {
        ...{ consentId: standing.id, subscriberId, clientId, told },
        ...{ withdrawnAt: now, confirmBy: endOfTerm('withdrawal.confirm', now) },
      };
      return [
        { statement: store.insertEntry({ ...standing, givenAt: now }, 'withdrawn', null) },
        { statement: withdrawalStore.insert(withdrawal) },
        journal.append({
          type: 'consent.withdrawn',
          actor: by,
          subscriberId,
          clientId,
          detail: { consent: standing.id, purpose: standing.purpose },
        }),
      ];
    },

    toldOf: ({ consentId, clientId, subscriberId }, became) => [
      { statement: BECAME[became].statement(consentId, clock.now()) },
      journal.append({
        ...{ type: BECAME[became].type, actor: { kind: 'system' }, subscriberId, clientId },
        detail: { consent: consentId },
      }),
    ],

    confirmed: (consentId) =>
      noted(consentId, (about) => ({
        statement: withdrawalStore.confirm(consentId, clock.now()),
        event: { type: 'consent.withdrawal_confirmed', actor: { kind: 'client', id: about.clientId } },
      })),
    byHand: (consentId, step, actor) =>
      noted(consentId, () => ({
        statement: HAND[step].statement(consentId, clock.now()),
        event: { type: HAND[step].type, actor, detail: { by_hand: true } },
      })),
    withdrawals: (subscriberId, limit = 100) => withdrawalStore.of(database, subscriberId, limit),
    unconfirmed: (page) => withdrawalStore.unconfirmed(database, { ...page, now: clock.now() }),
    withdrawalCounts: () => withdrawalStore.counts(database, clock.now()),

    disclose(disclosure) {
      const id = newId();
      const { subscriberId, clientId, claims, carrier, ground, purposeWords } = disclosure;
      return [
        ...('legalBasis' in ground && purposeWords ? [keepText(purposeWords)] : []),
        { statement: store.insertDisclosure(id, disclosure, clock.now()) },
        journal.append({
          type: 'disclosure.made',
          actor: { kind: 'client', id: clientId },
          subscriberId,
          clientId,
          detail: { receipt: id, claims: [...claims], carrier, ...ground },
        }),
      ];
    },

    history: (subscriberId) => store.history(database, subscriberId),
    clientsTold: (subscriberId, claim, since) => store.clientsTold(database, { subscriberId, claim, since }),
    disclosures: (subscriberId, { limit = 100, ...query } = {}) =>
      store.disclosures(database, subscriberId, { ...query, limit: Math.min(limit, 1_000) }),
  };
}
