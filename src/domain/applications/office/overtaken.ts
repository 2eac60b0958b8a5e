import { sql } from '../../../platform/sql.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import type { RegisteredPerson } from '../../registry/index.ts';
import type { Application, Reason } from '../application.ts';
import type { ApplicationsParts } from '../parts.ts';
import { endAllOf } from '../session-store.ts';
import * as store from '../store.ts';
import { stepped } from './outcome.ts';

/** What the register has said since it was asked: that there is nobody to have an account, or that the name is another. */
export type SaidSince =
  | { readonly ends: Extract<Reason, 'deceased' | 'number_cancelled' | 'card_withdrawn'> }
  | { readonly name: Pick<RegisteredPerson, 'fullName' | 'familyName' | 'middleName' | 'givenName'> };

/** What the register's later word does to applications of a number that are not an account yet. */
export interface Overtakings {
  /** As writes of whoever takes the word. Nobody is written to: of a death, whoever has the telephone is told by people. */
  saidSince(identityNumber: string, said: SaidSince): Promise<Write[]>;
}

export function createOvertakings(
  parts: Pick<ApplicationsParts, 'database' | 'clock' | 'sealer' | 'journal'>,
): Overtakings {
  const { database, clock, sealer, journal } = parts;

  /** An approved one lapses: an account that was made meanwhile is locked by whoever reports, and nobody binds anything to it. */
  const ending = (application: Application, reason: Reason): Write[] =>
    application.activation === 'issued'
      ? [
          store.change(application, sql`activation = 'lapsed', activation_hash = NULL`),
          { statement: endAllOf(application.id) },
          journal.append(stepped(application, 'application.lapsed', { detail: { reason } })),
        ]
      : [
          store.change(
            application,
            sql`state = 'REFUSED', reason = ${reason}, decided_at = ${clock.now()}, waiting_for = NULL`,
          ),
          journal.append(stepped(application, 'application.refused', { detail: { reason } })),
        ];

  const renaming = (application: Application, name: Extract<SaidSince, { name: unknown }>['name']): Write[] => {
    const { applicant, id } = application;
    // Not asked yet: the register will answer with the new name.
    if (!applicant?.person) return [];
    const { familyName: _, middleName: __, givenName: ___, ...rest } = applicant.person;
    const renamed = { ...applicant, person: { ...rest, ...name } };
    return [store.change(application, sql`applicant = ${store.sealedApplicant(sealer, id, renamed)}`)];
  };

  return {
    async saidSince(identityNumber, said) {
      const live = await store.liveOf(database, sealer, store.hashOf(sealer, 'number', identityNumber));
      return live.flatMap((one) => ('ends' in said ? ending(one, said.ends) : renaming(one, said.name)));
    },
  };
}
