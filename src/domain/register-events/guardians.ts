import type { Queryable } from '../../platform/database.ts';
import type { Subscribers } from '../subscribers/index.ts';
import type { Reported, SignedEvent } from './event.ts';
import type { Numbers } from './numbers.ts';

/** What there is to know of the guardian whom a report names: `Guardianships.endingByRegister` asks it. */
export interface NamedGuardian {
  /** Whether an account is theirs. */
  readonly isGuardian: (accountId: string) => Promise<boolean>;
  /** When the register said that they are one no more, by its own clock and to the second. */
  readonly saidAt: Date;
  /** Whether the register names them yet: asked where it may have spoken of an earlier guardianship of the same two people. */
  readonly isNamedYet: () => Promise<boolean>;
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
  const resolved = (transaction: Queryable, number: string) =>
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
      { reported, number: ward, saidAt }: { readonly reported: Reported } & Pick<SignedEvent, 'number' | 'saidAt'>,
    ): NamedGuardian {
      const number = reported.kind === 'guardianship-ended' ? reported.guardian_identity_number : undefined;
      return {
        async isGuardian(accountId) {
          if (number === undefined) return false;
          const { key, holder } = await resolved(transaction, number);
          if (holder === accountId) return true;
          const last = await subscribers.identityNumber(accountId);
          return last !== undefined && (last === number || subscribers.directoryKey(last).equals(key));
        },
        saidAt,
        isNamedYet: async () => number !== undefined && (await parts.isNamed?.({ guardian: number, ward })) === true,
      };
    },
  };
}
