import {
  attainable,
  bestProofOf,
  createAssuranceContexts,
  demandOf,
  evaluate,
  type Policy,
  type Proof,
} from '../assurance/index.ts';
import type { BindableKind } from './catalogue.ts';
import type { StoredAuthenticator } from './store.ts';
import type { Authority, StepUp, UnbindRejection } from './types.ts';

/** Proofs that change an authenticator are at most this old: pages ask for as much, and binding and unbinding refuse less. */
export const STEP_UP_SECONDS = 300;

// Only `reached` is read: what recent proofs come to, without anybody asking for an acr.
const demand = demandOf(
  { voluntary: false, floors: [], maxAge: STEP_UP_SECONDS },
  createAssuranceContexts({ issuer: 'https://authority.invalid', sandbox: false }),
);

/** The moment, and the assurance policy in force. */
export interface Weighing {
  readonly now: Date;
  readonly policy: Policy;
  /** Whether faces can be compared here: where they cannot, a face that is bound asks for nothing and holds nothing. */
  readonly faces: boolean;
}

const levelOf = (proofs: readonly Proof[], now: number, policy: Policy): number =>
  evaluate({ demand, accountLevel: 1, usable: [], proofs, now, policy }).reached.authenticationLevel;

const counting = (all: readonly StoredAuthenticator[], { faces }: Pick<Weighing, 'faces'>): StoredAuthenticator[] =>
  all.filter(({ kind }) => faces || kind !== 'face');

/**
 * The level that a change asks for: the highest that whatever is bound gives. What is frozen or disabled counts as long as it is
 * bound, or whoever can have an authenticator put out of use would lower the bar to what they hold (abuse cases 44, 45).
 */
const barOf = (all: readonly StoredAuthenticator[], now: number, policy: Policy): number =>
  Math.max(
    1,
    levelOf(
      all.map(({ kind }) => bestProofOf(kind, now)),
      now,
      policy,
    ),
  );

const isActive = ({ status }: StoredAuthenticator): boolean => status === 'active';

/**
 * Whether authenticators may be changed on this strength: recent proofs at the highest level that this account knows
 * (SP 800-63B-4 §4.1; abuse case 45), an operator, or the system itself.
 */
export function mayChange(
  authority: Authority,
  all: readonly StoredAuthenticator[],
  { now, policy, faces }: Weighing,
): boolean {
  if (authority.by !== 'subscriber') return true;
  const seconds = now.getTime() / 1000;
  // Proofs of authenticators that are gone prove nothing any more, nor do those of what was frozen since: somebody else may hold it.
  const inUse = all.filter(isActive);
  const proofs = authority.proofs.filter(({ authenticatorId }) => inUse.some(({ id }) => id === authenticatorId));
  return levelOf(proofs, seconds, policy) >= barOf(counting(all, { faces }), seconds, policy);
}

/** The level that a change of authenticators asks for, and whether what is in use can still reach it. */
export function stepUpOf(bound: readonly StoredAuthenticator[], { now, policy, faces }: Weighing): StepUp {
  const seconds = now.getTime() / 1000;
  const all = counting(bound, { faces });
  const authenticationLevel = barOf(all, seconds, policy);
  const inUse = all.filter(isActive).map(({ kind }) => bestProofOf(kind, seconds));
  return { authenticationLevel, withinReach: levelOf(inUse, seconds, policy) >= authenticationLevel };
}

/** The kinds that, beside a password, are a second factor. */
const SECOND_FACTORS: readonly BindableKind[] = ['passkey', 'totp', 'message-otp', 'chip-card'];

/** Whether a password would be the only factor of this account. */
export const isAlone = (all: readonly StoredAuthenticator[]): boolean =>
  !all.some((one) => isActive(one) && SECOND_FACTORS.includes(one.kind));

/** What is left without one of them, and whether the account is strong with and without it. */
function without(
  leaving: StoredAuthenticator,
  all: readonly StoredAuthenticator[],
  { accountLevel, now, policy, faces }: Weighing & { readonly accountLevel: 1 | 2 },
) {
  const inUse = counting(all, { faces }).filter(isActive);
  const rest = inUse.filter(({ id }) => id !== leaving.id);
  const worth = (some: readonly StoredAuthenticator[]) =>
    attainable({ accountLevel, usable: some.map(({ kind }) => kind), now: now.getTime() / 1000, policy });
  return { rest, opens: worth(rest).authenticationLevel > 0, endsStrong: worth(inUse).strong && !worth(rest).strong };
}

/** Whether no strong proof is left when this one goes. */
export const isLastStrong = (...asked: Parameters<typeof without>): boolean => without(...asked).endsStrong;

/** Why this one has to stay, if it has to. */
export function mustStay(...asked: Parameters<typeof without>): UnbindRejection | undefined {
  const { rest, opens, endsStrong } = without(...asked);
  // What is worth nothing at sign-in, as a sheet of recovery codes, opens no account.
  if (!opens) return 'last_one';
  // Level 2 stands on a strong proof: it is replaced first, or given up at the counter (abuse case 49).
  if (asked[2].accountLevel === 2 && endsStrong) return 'last_strong';
  const short = rest.some(({ kind, binding }) => kind === 'password' && !(binding as { alone: boolean }).alone);
  return short && isAlone(rest) ? 'password_needs_second_factor' : undefined;
}
