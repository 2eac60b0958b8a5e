import type { Acting } from './operator.ts';
import type { Operators } from './operators.ts';

/** Whether an officer is the person, or the one who acts for the child: they serve neither (invariant 1). */
const isOwnCase = (
  { operators }: { readonly operators: Pick<Operators, 'personOf'> },
  { identityNumber, guardianNumber }: { readonly identityNumber: string; readonly guardianNumber?: string },
  officer: Pick<Acting, 'person'>,
): boolean =>
  [identityNumber, guardianNumber].some(
    (number) => number !== undefined && operators.personOf(number) === officer.person,
  );

/** Whether an account is that of the human behind an operator: by every number that it ever had. */
export type OwnsAccount = (subscriberId: string, operatorId: string) => Promise<boolean>;

export const createOwnsAccount =
  (parts: {
    readonly operators: Pick<Operators, 'find' | 'personOf'>;
    readonly numbersOf: (subscriberId: string) => Promise<readonly { readonly number: string }[]>;
  }): OwnsAccount =>
  async (subscriberId, operatorId) => {
    const [operator, numbers] = await Promise.all([parts.operators.find(operatorId), parts.numbersOf(subscriberId)]);
    return (
      operator !== undefined && numbers.some(({ number }) => isOwnCase(parts, { identityNumber: number }, operator))
    );
  };

/** Whether an officer is whom a case is about, or who acts for the child. */
export type OwnCase = (
  about: { readonly identityNumber: string; readonly guardianNumber?: string },
  officer: Pick<Acting, 'operatorId' | 'person'>,
) => Promise<boolean>;

/** By what a case says, and by the accounts that its numbers lead to: a number may be another by now than the officer was hired with. */
export const createOwnCase =
  (parts: {
    readonly operators: Pick<Operators, 'personOf'>;
    readonly locate: (identityNumber: string) => Promise<{ readonly id: string } | undefined>;
    readonly ownsAccount: OwnsAccount;
  }): OwnCase =>
  async (about, officer) => {
    if (isOwnCase(parts, about, officer)) return true;
    for (const number of [about.identityNumber, about.guardianNumber]) {
      const account = number === undefined ? undefined : await parts.locate(number);
      if (account && (await parts.ownsAccount(account.id, officer.operatorId))) return true;
    }
    return false;
  };
