import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Actor, Journal } from '../audit/index.ts';
import {
  type Consent,
  type ConsentEntry,
  type ConsentText,
  type Disclosure,
  type DisclosureReceipt,
  SIGN_IN,
} from './consent.ts';
import * as store from './store.ts';

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
  /** Takes a standing consent back. Ending the tokens that rest on it is the caller's, in the same unit. */
  withdraw(standing: Consent, by: Actor): Write[];
  /** Records what leaves. */
  disclose(disclosure: Disclosure): Write[];
  /** Every consent of a person with what became of it, the newest first. */
  history(subscriberId: string): Promise<ConsentEntry[]>;
  disclosures(subscriberId: string, limit?: number): Promise<DisclosureReceipt[]>;
}

/** What the part works with. */
export interface ConsentsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
}

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

    withdraw(standing, by) {
      const { subscriberId, clientId } = standing;
      return [
        { statement: store.insertEntry({ ...standing, givenAt: clock.now() }, 'withdrawn', null) },
        journal.append({
          type: 'consent.withdrawn',
          actor: by,
          subscriberId,
          clientId,
          detail: { consent: standing.id, purpose: standing.purpose },
        }),
      ];
    },

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
    disclosures: (subscriberId, limit = 100) => store.disclosures(database, subscriberId, Math.min(limit, 1_000)),
  };
}
