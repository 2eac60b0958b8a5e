import {
  type AuthenticatorKind,
  attainable,
  createAssuranceContexts,
  demandOf,
  evaluate,
  type Policy,
  type Proof,
} from '../assurance/index.ts';

/** Proofs that unlock are as old as those that change an authenticator may be, seconds (SP 800-63B-4 §4.1). */
export const PROOF_SECONDS = 300;

// Nothing is requested by name: what is asked is the floor.
const contexts = createAssuranceContexts({ issuer: 'https://locks.invalid', sandbox: false });

/** Whether these proofs unlock, or which kinds would, beside them; none when the account has no way to. */
export type Sufficiency =
  | { readonly sufficient: true }
  | { readonly sufficient: false; readonly next: readonly AuthenticatorKind[] };

/**
 * A strong proof (a passkey with user verification, or a genuine chip beside another factor), and all of it together at the
 * highest level that the account reaches: who holds one of the keys alone opens nothing that its owner has locked.
 */
export function sufficient(
  proofs: readonly Proof[],
  account: {
    readonly usable: readonly AuthenticatorKind[];
    readonly now: number;
    readonly policy: Policy;
  },
): Sufficiency {
  const { usable, now, policy } = account;
  const highest = attainable({ accountLevel: 1, usable, now, policy });
  if (!highest.strong) return { sufficient: false, next: [] };
  const authenticationLevel = highest.authenticationLevel === 0 ? 1 : highest.authenticationLevel;
  const floor = { authenticationLevel, strong: true };
  const demand = demandOf({ voluntary: false, floors: [floor], maxAge: PROOF_SECONDS }, contexts);
  const outcome = evaluate({ demand, accountLevel: 1, usable, proofs, now, policy });
  if (outcome.met) return { sufficient: true };
  return { sufficient: false, next: outcome.reachable ? outcome.next.kinds : [] };
}
