import { epochSeconds } from '../../../platform/clock.ts';
import { sql } from '../../../platform/sql.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import type { RegisteredPerson } from '../../registry/index.ts';
import { type Application, isUndated, type Reason } from '../application.ts';
import type { ApplicationsParts } from '../parts.ts';
import { endAllOf } from '../session-store.ts';
import * as store from '../store.ts';
import { stepped } from './outcome.ts';

/** What the register has said since it was asked: that there is nobody to have an account, or that the name is another. */
export type SaidSince =
  | { readonly ends: Extract<Reason, 'deceased' | 'number_cancelled' | 'card_withdrawn'> }
  | { readonly name: Pick<RegisteredPerson, 'fullName' | 'familyName' | 'middleName' | 'givenName'> }
  /** Somebody is the guardian of whoever has the number no more: the account of the guardian, and when it was said, to the second. */
  | { readonly relieved: string; readonly saidAt: Date }
  /** Another card, with its last day if it has one. */
  | { readonly card: Pick<RegisteredPerson, 'documentExpiresOn'> };

type Amended = Exclude<SaidSince, { ends: unknown } | { relieved: unknown }>;

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

  /** What was asked of the register before it said so. What was not asked yet it will answer in the new words. */
  const amending = (application: Application, said: Amended): Write[] => {
    const { applicant, id } = application;
    if (!applicant?.person) return [];
    const amended = { ...applicant, person: amendedBy(applicant.person, said) };
    return [store.change(application, sql`applicant = ${store.sealedApplicant(sealer, id, amended)}`)];
  };

  return {
    async saidSince(identityNumber, said) {
      const live = await store.liveOf(database, sealer, store.hashOf(sealer, 'number', identityNumber));
      return live.flatMap((one) => {
        if ('ends' in said) return ending(one, said.ends);
        if ('relieved' in said) return concerns(one, said) ? ending(one, 'not_guardian') : [];
        const person = 'card' in said && one.applicant?.person && amendedBy(one.applicant.person, said);
        // Nobody looks at an approved one once more: without a last day of the card it ends here, at the counter it goes on.
        return person && one.activation === 'issued' && isUndated(person)
          ? ending(one, 'card_undated')
          : amending(one, said);
      });
    },
  };
}

/** What was handed in after it was said is asked of the register after it: that was an earlier guardianship of theirs. */
const concerns = (
  { guardianId, submittedAt }: Application,
  { relieved, saidAt }: { readonly relieved: string; readonly saidAt: Date },
): boolean =>
  guardianId === relieved && (submittedAt === undefined || epochSeconds(saidAt) >= epochSeconds(submittedAt));

function amendedBy(person: RegisteredPerson, said: Amended): RegisteredPerson {
  if ('card' in said) {
    const { documentExpiresOn: _, ...rest } = person;
    return { ...rest, ...said.card };
  }
  const { familyName: _, middleName: __, givenName: ___, ...rest } = person;
  return { ...rest, ...said.name };
}
