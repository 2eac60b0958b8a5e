import type { Queryable } from '../../platform/database.ts';
import type { Subscribers } from '../subscribers/index.ts';
import type { Reported, SignedEvent } from './event.ts';
import type { Numbers } from './numbers.ts';

/** What there is to know of the guardian whom a report names: `Guardianships.endingByRegister` asks it. */
export interface NamedGuardian {
  /** Whether an account is theirs. */
  readonly isGuardian: (accountId: string) => Promise<boolean>;
  /** Whether they have the number that is known by this. */
  readonly isNamed: (hash: Buffer) => Promise<boolean>;
  /** Whoever the report says follows them. */
  readonly successor: () => Promise<Buffer | undefined>;
  /** When the register said that they are one no more, by its own clock and to the second. */
  readonly saidAt: Date;
  /**
   * Whether the register names one the guardian of the other yet, both as accounts: asked where it may have spoken of an earlier
   * guardianship of theirs. One that cannot be asked holds up no report: what it has said holds.
   */
  readonly isNamedYet: (of: { readonly guardianId: string; readonly wardId: string }) => Promise<boolean>;
}

/** Guardians of whom the register says that they are ones no more, by any number that they have had. */
export function createGuardians(
  parts: {
    readonly subscribers: Pick<Subscribers, 'directoryKey' | 'identityNumber'>;
    readonly isNamed?: (of: { readonly guardian: string; readonly ward: string }) => Promise<boolean>;
  },
  numbers: Numbers,
) {
  const { subscribers } = parts;
  const resolved = (transaction: Queryable, number: string | Buffer) =>
    numbers.resolve(transaction, { number, aspect: 'guardianship' });

  return {
    /** The account of the guardian whom a report names, if it names one who has one. */
    async accountOf(transaction: Queryable, reported: Reported): Promise<string | undefined> {
      if (reported.kind !== 'guardianship-ended') return undefined;
      return (await resolved(transaction, reported.guardian_identity_number)).holder;
    },

    /**
     * Whether an account is that of the guardian whom a report names, also by a number that was replaced since. Nobody finds a closed
     * one by its number any more, nor one that another has taken the place of: it is known by the number that it had last.
     */
    named(
      transaction: Queryable,
      { reported, saidAt }: { readonly reported: Reported } & Pick<SignedEvent, 'saidAt'>,
    ): NamedGuardian {
      const number = reported.kind === 'guardianship-ended' ? reported.guardian_identity_number : undefined;
      const next = reported.kind === 'guardianship-ended' ? reported.successor_identity_number : undefined;
      return {
        // What was kept is followed as well: the number may have been replaced since.
        isNamed: async (hash) =>
          number !== undefined &&
          (await resolved(transaction, number)).key.equals((await resolved(transaction, hash)).key),
        successor: async () => (next === undefined ? undefined : (await resolved(transaction, next)).key),
        async isGuardian(accountId) {
          if (number === undefined) return false;
          const { key, holder } = await resolved(transaction, number);
          if (holder === accountId) return true;
          const last = await subscribers.identityNumber(accountId);
          return last !== undefined && (last === number || subscribers.directoryKey(last).equals(key));
        },
        saidAt,
        // By the numbers that they have now: of one that was replaced since the register knows nothing any more.
        async isNamedYet({ guardianId, wardId }) {
          const [guardian, ward] = await Promise.all([guardianId, wardId].map(subscribers.identityNumber));
          if (!parts.isNamed || guardian === undefined || ward === undefined) return false;
          return parts.isNamed({ guardian, ward }).catch(() => false);
        },
      };
    },
  };
}
