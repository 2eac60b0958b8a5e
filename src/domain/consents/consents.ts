import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { afterDays } from '../../platform/plain-values/working-days.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, Journal } from '../audit/index.ts';
import {
  type Consent,
  type ConsentEntry,
  type ConsentText,
  type Disclosure,
  type DisclosureReceipt,
  SIGN_IN,
  type Told,
  type Withdrawal,
} from './consent.ts';
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
  /** The relying party has confirmed; part of the act that notes its answer. */
  confirmed(withdrawal: {
    readonly consentId: string;
    readonly clientId: string;
    readonly subscriberId: string;
  }): Write[];
  /**
   * An officer has told whoever listens to nothing (`told`), or has their confirmation (`confirmed`). False when there is nothing
   * to write down: done already, not told yet, or told in another way.
   */
  byHand(consentId: string, step: 'told' | 'confirmed', by: Actor): Promise<boolean>;
  /** A person's withdrawals, the newest first. */
  withdrawals(subscriberId: string, limit?: number): Promise<Withdrawal[]>;
  /** Withdrawals that nobody has confirmed, whose date is nearest first. Nobody is named. */
  unconfirmed(limit?: number): Promise<Withdrawal[]>;
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
}

/** What the part works with. */
export interface ConsentsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
}

/** Days in which a relying party confirms: others have to act here (Decree 356/2025; domain.md §5, B). */
export const CONFIRM_DAYS = 20;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What an officer does for a relying party that listens to nothing. */
const HAND = {
  told: { statement: withdrawalStore.tellByHand, type: 'consent.withdrawal_told' },
  confirmed: { statement: withdrawalStore.confirmByHand, type: 'consent.withdrawal_confirmed' },
} as const;

class NothingToNote extends Error {}

const union = (before: readonly string[] | undefined, now: readonly string[]): string[] => [
  ...new Set([...(before ?? []), ...now]),
];

/** The consents of a database. */
export function createConsents({ database, clock, journal }: ConsentsParts): Consents {
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
        text: giving.text,
        givenBy: giving.givenBy ?? 'self',
        givenAt: clock.now(),
      };
      const { subscriberId, clientId } = consent;
      return {
        consent,
        writes: [
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
        ...{ withdrawnAt: now, confirmBy: afterDays(now, CONFIRM_DAYS) },
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

    confirmed: ({ consentId, clientId, subscriberId }) => [
      { statement: withdrawalStore.confirm(consentId, clock.now()) },
      journal.append({
        type: 'consent.withdrawal_confirmed',
        actor: { kind: 'client', id: clientId },
        subscriberId,
        clientId,
        detail: { consent: consentId },
      }),
    ],
    async byHand(consentId, step, actor) {
      const about = UUID.test(consentId) ? await withdrawalStore.find(database, consentId) : undefined;
      if (!about) return false;
      const { statement, type } = HAND[step];
      try {
        await writeTogether(database, [
          { statement: statement(consentId, clock.now()), lost: () => new NothingToNote() },
          journal.append({ type, actor, ...about, detail: { consent: consentId, by_hand: true } }),
        ]);
        return true;
      } catch (error) {
        if (error instanceof NothingToNote) return false;
        throw error;
      }
    },
    withdrawals: (subscriberId, limit = 100) => withdrawalStore.of(database, subscriberId, limit),
    unconfirmed: (limit = 50) => withdrawalStore.unconfirmed(database, limit),

    disclose(disclosure) {
      const id = newId();
      const { subscriberId, clientId, claims, carrier, ground } = disclosure;
      return [
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
    disclosures: (subscriberId, { limit = 100, ...query } = {}) =>
      store.disclosures(database, subscriberId, { ...query, limit: Math.min(limit, 1_000) }),
  };
}
