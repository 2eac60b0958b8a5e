import { may, ROLES, type Role } from './roles.ts';

/** How many of those who work here could be lost before nobody can go on: who loses every passkey is let in again by two others. */
export interface Reserve {
  /** Active people who can approve. */
  readonly approvers: number;
  /** What fewer than two active people hold. */
  readonly thin: readonly { readonly role: Role; readonly holders: number }[];
  /** People without any one of whom no two others could agree on letting somebody in again. */
  readonly indispensable: number;
}

/** With fewer, one who is lost and one who proposes leave nobody to approve. */
export const FEWEST_APPROVERS = 3;

/** The reserve of a staff; each operator is a human of their own. */
export function reserveOf(active: readonly { readonly id: string; readonly roles: readonly Role[] }[]): Reserve {
  const holding = (role: Role): number => active.filter(({ roles }) => roles.includes(role)).length;
  const proposers = active.filter(({ roles }) => may(roles, 'operators.propose'));
  const approvers = active.filter(({ roles }) => may(roles, 'operators.approve'));
  const agreeWithout = (gone: string): boolean => {
    const [one, other] = [proposers, approvers].map((some) => some.filter(({ id }) => id !== gone));
    // Two different people: only where each side is one and the same person is there no pair.
    return one!.length > 0 && other!.length > 0 && new Set([...one!, ...other!]).size > 1;
  };
  return {
    approvers: approvers.length,
    thin: ROLES.map((role) => ({ role, holders: holding(role) })).filter(({ holders }) => holders < 2),
    indispensable: active.filter(({ id }) => !agreeWithout(id)).length,
  };
}

/** Whether something is to be said. */
export const isThin = ({ approvers, thin, indispensable }: Reserve): boolean =>
  approvers < FEWEST_APPROVERS || thin.length > 0 || indispensable > 0;
