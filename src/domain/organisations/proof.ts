import { epochSeconds } from '../../platform/clock.ts';
import { createAssuranceContexts, demandOf, evaluate, type Proof } from '../assurance/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import type { OrganisationsParts } from './parts.ts';

// Only what is reached is read, without anybody asking for an acr.
const contexts = createAssuranceContexts({ issuer: 'https://organisations.invalid', sandbox: false });

/** How well somebody had just proven who they are; `undefined` where that was not well enough. */
export type StrongProof = { readonly authenticationLevel: number; readonly strong: true; readonly policy: string };

/**
 * Whether recent proofs are what an organisation is bound by: authentication level 2 at least with a strong proof, on an account
 * of level 2 (decisions, context `level-2`). Proofs of authenticators that are gone or frozen prove nothing any more.
 */
export async function strongProof(
  parts: Pick<OrganisationsParts, 'authenticators' | 'assurance' | 'clock'>,
  person: Subscriber,
  { proofs, minutes }: { readonly proofs: readonly Proof[]; readonly minutes: number },
): Promise<StrongProof | undefined> {
  const inUse = (await parts.authenticators.of(person.id)).filter(({ status }) => status === 'active');
  const policy = await parts.assurance();
  const floors = [{ accountLevel: 2, authenticationLevel: 2, strong: true }] as const;
  const outcome = evaluate({
    demand: demandOf({ voluntary: false, floors, maxAge: minutes * 60 }, contexts),
    ...{ accountLevel: person.accountLevel, usable: [], policy, now: epochSeconds(parts.clock.now()) },
    proofs: proofs.filter(({ authenticatorId }) => inUse.some(({ id }) => id === authenticatorId)),
  });
  if (!outcome.met) return undefined;
  return { authenticationLevel: outcome.reached.authenticationLevel, strong: true, policy: policy.version };
}
