import assert from 'node:assert/strict';
import { ASSURANCE_POLICY, type Policy } from '../../src/domain/assurance/index.ts';
import { createPolicyChanges, proposalOf } from '../../src/domain/assurance-policies/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type TwoPeople, twoPeople } from '../support/two-people.ts';
import { dayOf } from './village.ts';
import type { World } from './world.ts';

/** What the assurance policy in force says, as far as a life has to do with it. */
export interface Rules {
  /** Whether face, fingerprints and card at a counter carry level 2. */
  readonly carries: boolean;
  /** Whether there is such a thing as a proof from home. */
  readonly carriesRemote: boolean;
  /** Every version of before this moment is withdrawn. */
  readonly withdrawnAt: number;
}

const FIRST: Rules = { carries: true, carriesRemote: true, withdrawnAt: Number.NEGATIVE_INFINITY };
const DAY = 86_400_000;
/** As many versions as one policy may withdraw, with some to spare for villages that begin. */
const MOST = 80;

/** A world has one policy, whichever village lives in it: versions only go forward. */
interface Kept {
  rules: Rules;
  readonly versions: string[];
  readonly people: TwoPeople;
}
const kept = new WeakMap<World, Kept>();
function of(world: World): Kept {
  const { journal, policies } = world.parts;
  // What two people are told of a change before they agree weighs every set of proofs, for seconds: another test's business.
  const untold = { test: async () => [], risks: () => [] };
  const subject = { ...createPolicyChanges({ clock: systemClock, journal, policies }), ...untold };
  const found = kept.get(world) ?? {
    ...{ rules: FIRST, versions: [ASSURANCE_POLICY.version] },
    people: twoPeople({ database: world.database, clock: systemClock, subject: subject as never }),
  };
  kept.set(world, found);
  return found;
}

export const rulesOf = (world: World): Rules => of(world).rules;

/** Whether another version may still withdraw all that came before it. */
export const hasRoom = (world: World): boolean => of(world).versions.length < MOST;

/** Two people agree on another version: what carries, and whether all that came before it is withdrawn. */
export async function adopt(
  world: World,
  { withdraws, ...says }: Pick<Rules, 'carries' | 'carriesRemote'> & { readonly withdraws: boolean },
): Promise<void> {
  const { versions, people, rules } = of(world);
  const inForce = await world.parts.policies.inForce();
  const evidence = ASSURANCE_POLICY.evidence.map((row) => {
    if (row.channel === 'in_person' && row.accountLevel === 2 && !says.carries) return { ...row, off: true as const };
    const ends = row.id === 'account-2.remote' && !says.carriesRemote;
    return ends ? { ...row, effectiveUntil: dayOf(Date.now() - DAY) } : row;
  });
  const next = proposalOf({ ...ASSURANCE_POLICY, evidence }, inForce, new Date());
  const policy: Policy = withdraws ? { ...next, withdrawn: [...versions] } : next;
  const agreed = await people.change(policy);
  assert.ok(agreed.done, `the policy was not adopted: ${JSON.stringify(agreed)}`);
  assert.equal((await world.parts.policies.inForce()).version, policy.version, 'an older policy is in force');
  versions.push(policy.version);
  of(world).rules = { ...says, withdrawnAt: withdraws ? Date.now() : rules.withdrawnAt };
}

/** People who come to live here live by a policy that carries what they come for. */
export async function carrying(world: World): Promise<void> {
  const { carries, carriesRemote } = rulesOf(world);
  if (!carries || !carriesRemote) await adopt(world, { carries: true, carriesRemote: true, withdraws: false });
}
