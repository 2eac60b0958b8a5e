import { hash } from 'node:crypto';
import type { Clock } from '../../../platform/clock.ts';
import type { Database, Queryable } from '../../../platform/database.ts';
import { asRefusal, type Refusal } from '../../../standards/icao9303/refusal.ts';
import type { Actor, EventDetail, EventType, Journal } from '../../audit/index.ts';
import * as store from './store.ts';

/** What an import is about, for people. */
export interface Change {
  /** False: everything was so already, and nothing was written. */
  readonly changed: boolean;
  /** SHA-256 of the certificate or list, hexadecimal. */
  readonly sha256: string;
  /** The name of the certificate, of the publisher's root, or of the authority of a revocation list. */
  readonly subject: string;
  readonly country: string;
  /** What an operator should know about it besides. */
  readonly notes?: readonly Note[];
}

/** `own_country`: of our country, and vouches for no card of ours, since it is not pinned. `past_next_update`: of a list. */
export type Note = 'own_country' | 'not_yet_valid' | 'past_next_update';

/** An import that was made, or the one reason why it was not. */
export type Outcome<T> = ({ readonly done: true } & T) | { readonly done: false; readonly refusal: Refusal };

/** Not made: what vouches for our own cards changes by two people. */
export interface NeedsTwo {
  readonly done: false;
  readonly needsTwo: true;
}

/** What is imported; it stands in the journal when it is refused. */
export type Subject = 'certificate' | 'national' | 'root' | 'master_list' | 'revocation_list' | 'removal';

/** The part of an import that is its own: it reads, checks and writes in the one transaction, or throws `Refused`. */
export type Import<T extends Change> = (
  on: Queryable,
  by: { readonly name: string; readonly now: Date },
) => Promise<{ readonly change: T; readonly event: { readonly type: EventType; readonly detail: EventDetail } }>;

/** What an import is journalled with. */
interface ImportParts {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
}

/**
 * Imports in a transaction that somebody else has begun. Imports wait for one another, in any process, at the version row, so
 * that what one compares with (the list in use, its number) is still so when it commits.
 */
export async function importIn<T extends Change>(
  transaction: Queryable,
  { clock, journal, actor, name }: ImportParts & { readonly actor: Actor; readonly name: string },
  work: Import<T>,
): Promise<T> {
  await store.waitForTurn(transaction);
  const made = await work(transaction, { name, now: clock.now() });
  if (made.change.changed) await transaction.execute(journal.append({ actor, ...made.event }).statement);
  return made.change;
}

/** Whether this can stand in the journal as the name of an operator. */
export const isOperatorName = (name: string): boolean =>
  name.length >= 2 && name.length <= 100 && name === name.trim() && !/\p{Cc}/u.test(name);

/** Imports, each in a transaction of its own. */
export function createImporter(parts: ImportParts & { readonly database: Database; readonly changed: () => void }) {
  const { database, journal } = parts;
  return async <T extends Change>(
    subject: Subject,
    /** The file, or for a removal what was typed. */
    given: Buffer | string,
    { by: name }: { readonly by: string },
    work: Import<T>,
  ): Promise<Outcome<T>> => {
    if (!isOperatorName(name)) throw new RangeError('an operator has a name of 2 to 100 characters');
    const actor = { kind: 'operator', id: name } as const;
    try {
      const change = await database.transaction((transaction) =>
        importIn(transaction, { ...parts, actor, name }, work),
      );
      parts.changed();
      return { done: true, ...change };
    } catch (error) {
      const refusal = asRefusal(error);
      const sha256 = typeof given === 'string' ? null : hash('sha256', given, 'hex');
      const detail = { subject, sha256, code: refusal.code, about: refusal.about ?? null };
      await database.execute(journal.append({ actor, type: 'trust.refused', detail }).statement);
      return { done: false, refusal };
    }
  };
}
