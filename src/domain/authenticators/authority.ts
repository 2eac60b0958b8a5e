import {
  type AuthenticationLevel,
  attainable,
  bestProofOf,
  createAssuranceContexts,
  demandOf,
  evaluate,
  type Policy,
  type Proof,
  startOfDay,
} from '../assurance/index.ts';
import type { ChipCardBinding } from './adapters/chip-card.ts';
import type { BindableKind } from './catalogue.ts';
import type { StoredAuthenticator } from './store.ts';
import type { Authority, Beginning, StepUp, UnbindRejection } from './types.ts';

/** Proofs that change an authenticator are at most this old: pages ask for as much, and binding and unbinding refuse less. */
export const STEP_UP_SECONDS = 300;

/**
 * What was begun with such proofs is finished on their strength for an hour at most: a sheet is printed and typed back, a secret is
 * scanned, a code comes by e-mail. So long a session of level 2 may lie idle before somebody proves themselves anew (SP 800-63B-4
 * §2.2.3); a code that is good for longer asks for it.
 */
export const FINISH_SECONDS = 3_600;
/** A page on which nothing has left yet: so long a session of level 3 may lie idle (§2.3.3), and no form here takes longer. */
export const FORM_SECONDS = 900;

// Nobody asks for an acr: what a change asks for is a floor.
const contexts = createAssuranceContexts({ issuer: 'https://authority.invalid', sandbox: false });

const DAY = 86_400;

/** The moment, and the assurance policy in force. */
export interface Weighing {
  readonly now: Date;
  readonly policy: Policy;
  /** Whether faces can be compared here: where they cannot, a face that is bound asks for nothing and holds nothing. */
  readonly faces: boolean;
}

const counting = (all: readonly StoredAuthenticator[], { faces }: Pick<Weighing, 'faces'>): StoredAuthenticator[] =>
  all.filter(({ kind }) => faces || kind !== 'face');

/** What recent proofs have to come to. */
interface Bar {
  readonly authenticationLevel: AuthenticationLevel;
  readonly strong: boolean;
}

/**
 * What a change asks for: the highest level that whatever is bound gives, and a strong proof where one is bound. Two weaker factors
 * reach the level of a passkey; with those alone nobody may have the passkey put out of use, or give themselves a strong one. What
 * is frozen or disabled counts as long as it is bound, or whoever can have an authenticator put out of use would lower the bar to
 * what they hold (abuse cases 44, 45, 49). But a password is switched off by any stranger who guesses at it (case 37): where what
 * is bound beside it is strong, that is asked for alone, or the owner with passkey and face in hand could change nothing.
 */
function barOf(all: readonly StoredAuthenticator[], now: number, policy: Policy): Bar {
  const worth = (some: readonly StoredAuthenticator[]) =>
    attainable({ accountLevel: 1, usable: some.map(({ kind }) => kind), now, policy });
  const beside = worth(all.filter((one) => one.kind !== 'password' || isActive(one)));
  const whole = worth(all);
  // A face with a telephone number is strong, and of level 1: that is no password's place.
  const isEnough = beside.strong && beside.authenticationLevel >= Math.min(whole.authenticationLevel, 3);
  const { authenticationLevel, strong } = isEnough ? beside : whole;
  return { authenticationLevel: authenticationLevel === 0 ? 1 : authenticationLevel, strong };
}

/** Whether proofs that are recent enough clear it. */
const clears = (bar: Bar, proofs: readonly Proof[], now: number, policy: Policy): boolean =>
  evaluate({
    demand: demandOf({ voluntary: false, floors: [bar], maxAge: STEP_UP_SECONDS }, contexts),
    ...{ accountLevel: 1, usable: [], proofs, now, policy },
  }).met;

const isActive = ({ status }: StoredAuthenticator): boolean => status === 'active';
/** A card has its last day in Viet Nam: from then on no reader's answer of it counts. */
const hasRunOut = ({ kind, binding }: StoredAuthenticator, seconds: number): boolean =>
  kind === 'chip-card' && startOfDay((binding as ChipCardBinding).expiresOn) + DAY <= seconds;

/**
 * Whether authenticators may be changed on this strength: recent proofs at the highest level that this account knows, strong where
 * something strong is bound (SP 800-63B-4 §4.1; abuse case 45), an operator, or the system itself.
 */
export function mayChange(
  authority: Authority,
  all: readonly StoredAuthenticator[],
  { now, policy, faces }: Weighing,
): boolean {
  if (authority.by !== 'subscriber') return true;
  const seconds = now.getTime() / 1000;
  const bar = barOf(counting(all, { faces }), seconds, policy);
  return (
    clears(bar, counted(authority.proofs, all), seconds, policy) ||
    (authority.beginning !== undefined && mayFinish(authority.beginning, all, { bar, seconds, policy }))
  );
}

/** Proofs of authenticators that are gone prove nothing any more, nor do those of what was frozen since: somebody else may hold it. */
const counted = (proofs: readonly Proof[], all: readonly StoredAuthenticator[]): Proof[] =>
  proofs.filter(({ authenticatorId }) => all.some((one) => isActive(one) && one.id === authenticatorId));

/**
 * Whether what was begun then is finished now: by what of its proofs is in use still, and the same authenticator, and what a change asks
 * for by now is no more than those reached (abuse case 45). One of them that a stranger's guesses have switched off drops out.
 */
function mayFinish(
  { at, proofs }: Beginning,
  all: readonly StoredAuthenticator[],
  { bar, seconds, policy }: { bar: Bar; seconds: number; policy: Policy },
): boolean {
  if (seconds > at + FINISH_SECONDS) return false;
  const same = all.filter(({ createdAt }) => createdAt.getTime() / 1000 <= at);
  return clears(bar, counted(proofs, same), at, policy);
}

/** With what a change begins now: the fresh proofs, or those with which what it goes on from was begun. Nothing with less. */
export function beginningOf(
  authority: Authority,
  all: readonly StoredAuthenticator[],
  weighing: Weighing,
): Beginning | undefined {
  if (authority.by !== 'subscriber') return undefined;
  const { proofs, beginning } = authority;
  const at = weighing.now.getTime() / 1000;
  const fresh = counted(proofs, all).filter((proof) => proof.at >= at - STEP_UP_SECONDS);
  if (mayChange({ by: 'subscriber', proofs: fresh }, all, weighing)) return { at, proofs: fresh };
  return beginning && mayChange(authority, all, weighing) ? beginning : undefined;
}

/** What a change of authenticators asks for, and whether what is in use can still come to it. */
export function stepUpOf(bound: readonly StoredAuthenticator[], { now, policy, faces }: Weighing): StepUp {
  const seconds = now.getTime() / 1000;
  const all = counting(bound, { faces });
  const bar = barOf(all, seconds, policy);
  // Nobody is sent to a page that waits for a card which has run out: they read how to go on instead.
  const inUse = all
    .filter((one) => isActive(one) && !hasRunOut(one, seconds))
    .map(({ kind }) => bestProofOf(kind, seconds));
  return { ...bar, withinReach: clears(bar, inUse, seconds, policy) };
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
