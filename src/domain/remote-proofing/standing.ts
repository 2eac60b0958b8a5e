import { epochSeconds } from '../../platform/clock.ts';
import {
  createAssuranceContexts,
  demandOf,
  evaluate,
  type RemoteDecision,
  remoteProofingBy,
} from '../assurance/index.ts';
import { STEP_UP_SECONDS } from '../authenticators/index.ts';
import type { Proofing } from '../proofing/index.ts';
import { ageOn, type Subscriber } from '../subscribers/index.ts';
import type { Hindrance, RemoteParts, Visit } from './parts.ts';
import { remotePolicyAt } from './policy.ts';

/** What a sitting that went well has checked of the card, and of the register. */
export const CARD_CHECKS = { active: 'active_authentication', chip: 'chip_authentication' } as const;

/** The demand is only read for whether it is met. */
const STRONG = demandOf(
  { voluntary: false, floors: [{ strong: true }], maxAge: STEP_UP_SECONDS },
  createAssuranceContexts({ issuer: 'https://remote.invalid', sandbox: false }),
);

/** Who may be proofed over the network, and by which rules. */
export function createStanding(parts: RemoteParts) {
  const { clock } = parts;
  const rules = () => remotePolicyAt(clock.now(), parts.policies);

  /** By which row of the assurance policy in force this is a proofing over the network at all. */
  async function weigh(
    proofed: Pick<Proofing, 'evidence' | 'faceMatched'>,
    age: number,
  ): Promise<RemoteDecision | undefined> {
    const by = { policy: await parts.assurance(), now: epochSeconds(clock.now()) };
    return remoteProofingBy({ ...proofed, fingerprintsMatched: false, age }, by);
  }

  async function offered(): Promise<boolean> {
    if (!parts.on || !parts.population || !parts.face) return false;
    const checks = ['passive_authentication', CARD_CHECKS.chip, 'register_match', 'face_match'];
    const best = {
      faceMatched: true,
      evidence: [{ kind: 'chip_card', strength: 'superior', checks, hash: '' }],
    } as const;
    return (await weigh(best, rules().fromYears)) !== undefined;
  }

  /** Why this account cannot be, whoever has it open. */
  async function hindranceOf(subscriber: Subscriber): Promise<Hindrance | undefined> {
    if (!(await offered())) return 'not_offered';
    if (subscriber.state !== 'active') return 'account';
    if (ageOn(subscriber.birthdate, clock.now()) < rules().fromYears) return 'minor';
    if (subscriber.reproofingRequiredSince || (await parts.isRecovering(subscriber.id))) return 'recovering';
    return (await isWard(subscriber)) ? 'ward' : undefined;
  }

  /** It stands on a guardian's word still. What its holder has taken over, by telephone and face of their own, is theirs. */
  async function isWard({ id }: Subscriber): Promise<boolean> {
    const guardianship = await parts.guardianships.ofWard(id);
    if (guardianship) return guardianship.handedOver === undefined;
    const base = await parts.subscribers.proofing(id);
    return base?.evidence.some(({ kind, checks }) => kind === 'vouching' || checks.includes('guardian')) ?? false;
  }

  /** Why this session cannot begin: fresh proofs of what is in use, at the highest level that the account knows, and strong ones. */
  async function weakness({ subscriber: { id }, proofs }: Visit): Promise<Hindrance | undefined> {
    if (!(await parts.authenticators.isSteppedUp(id, { by: 'subscriber', proofs }))) return 'step_up_needed';
    const inUse = (await parts.authenticators.of(id)).filter(({ status }) => status === 'active');
    const counting = proofs.filter(({ authenticatorId }) => inUse.some((one) => one.id === authenticatorId));
    const now = epochSeconds(clock.now());
    const policy = await parts.assurance();
    return evaluate({ demand: STRONG, accountLevel: 1, usable: [], proofs: counting, now, policy }).met
      ? undefined
      : 'not_strong';
  }

  return { rules, weigh, offered, hindranceOf, weakness };
}
export type Standing = ReturnType<typeof createStanding>;
