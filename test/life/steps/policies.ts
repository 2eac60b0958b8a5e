import assert from 'node:assert/strict';
import { adopt, hasRoom, rulesOf } from '../rules.ts';
import type { Act } from '../step.ts';
import { type Citizen, counting } from '../village.ts';
import type { World } from '../world.ts';
import { lookedAt } from './from-home.ts';
import { noneAccepted } from './relying.ts';

/** What another version of the assurance policy says, and whether all that came before it is withdrawn. */
const CHANGES = {
  'says the same': { carries: true, carriesRemote: true, withdraws: false },
  'withdraws, and carries the same': { carries: true, carriesRemote: true, withdraws: true },
  'carries no level 2': { carries: false, carriesRemote: true, withdraws: false },
  'withdraws, and carries no level 2': { carries: false, carriesRemote: true, withdraws: true },
  'withdraws, and knows no proof from home': { carries: true, carriesRemote: false, withdraws: true },
} as const;
export type Change = keyof typeof CHANGES;
export const CHANGED = Object.keys(CHANGES) as readonly Change[];

/** The account level of somebody is looked at when they are next read: what was given by a withdrawn policy is weighed once more. */
async function read(world: World, { account }: Citizen): Promise<boolean> {
  if (!account || account.closed) return false;
  const { carries, withdrawnAt } = rulesOf(world);
  const falls = counting(account) === 2 && !carries && account.raisedAt! < withdrawnAt;
  const found = (await world.parts.subscribers.find(account.id))!;
  assert.equal(found.accountLevel, falls ? 1 : counting(account), 'a level that no policy carries, or that one does');
  assert.equal(found.recordedLevel, account.level, 'what was recorded was rewritten');
  if (!falls) return false;
  assert.equal(found.reproofingGround, 'policy_withdrawn');
  account.mustReproof = true;
  account.loweredAt = Date.now();
  return true;
}

/** Two people agree on another policy. Of whoever lives here, level 2 and proofs from home count as long as it carries them. */
export const changePolicy =
  (what: Change): Act =>
  async (world, _, { people }) => {
    const change = CHANGES[what];
    if (!hasRoom(world)) return undefined;
    await adopt(world, change);
    let lowered = 0;
    let endsAtHome = '';
    for (const who of people) {
      if (change.withdraws && who.account) {
        for (const given of who.account.given) given.alive = false;
        await noneAccepted(world, who.account);
      }
      if (await read(world, who)) lowered += 1;
      if ((await lookedAt(world, who)) === 'policy_withdrawn') endsAtHome = ', and what was shown from home ends';
    }
    const told = change.carries ? 'nobody is lowered' : lowered > 0 ? 'some count as 1' : 'nobody counts as less';
    return `${what}, ${told}${endsAtHome}`;
  };

/** What carries is brought back: nobody gets by it what they have lost. */
export const restorePolicy: Act = async (world, _, { people }) => {
  const { carries, carriesRemote } = rulesOf(world);
  if (carries && carriesRemote) return undefined;
  await adopt(world, { carries: true, carriesRemote: true, withdraws: false });
  for (const who of people) {
    assert.equal(await read(world, who), false);
    await lookedAt(world, who);
  }
  return 'carries again';
};
