import assert from 'node:assert/strict';
import { newToken } from '../../../src/platform/ids.ts';
import { asking } from '../../support/applications.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';
import { take, toBind } from '../hands.ts';
import type { Act } from '../step.ts';
import { type Citizen, isActive, mayTakeOver, type Village } from '../village.ts';
import type { World } from '../world.ts';
import { apply, office, type Variant } from './signing-up.ts';

/** The newest word to a guardian that a ward has its account for itself. */
const toldGuardian = async (world: World, who: Citizen, { people }: Village) => {
  const guardian = who.guardian === undefined ? undefined : people[who.guardian]!.account;
  if (!guardian?.phone || guardian.closed) return undefined;
  return { newest: await world.newest(guardian.phone, 'ward_handed_over') };
};

/** Somebody applies for what a guardian has made, as anybody applies; the office looks at once, or some day. */
export const applyToTakeOver =
  (variant: Variant, looked: boolean): Act =>
  async (world, who, village) => {
    const applied = await apply(variant)(world, who, village);
    if (looked) await office('nobody')(world, who, village);
    return applied;
  };

/** Whoever is of age binds the first passkey to what a guardian has made: from then on it is theirs, and level 2 is proven anew. */
export const takeOver: Act = async (world, who, village) => {
  const one = who.applied.find(({ state, by }) => state === 'APPROVED issued' && by === 'self');
  const { account } = who;
  if (!one || !account?.held) return undefined;
  const { online, parts, issuer } = world;
  const token = newToken();
  const code = (await world.told(one.phone, 'application_approved', 'activation')) ?? '';
  const opened = await online.openActivation(token, code, asking());
  if (opened === 'closed' || !opened.asked) return 'closed';
  const typed = (await world.told(one.phone, 'sign_up_code', 'code')) ?? '';
  if ((await online.confirmActivation(token, typed)) !== 'confirmed') return 'code not taken';
  const issued = await online.issued(token);
  if (!issued) return 'closed';
  const may = mayTakeOver(who) && issued.accountId === account.id;
  const outcome = await online.issue(token);
  assert.equal(outcome, may ? 'issued' : 'closed', 'an account is taken over');
  if (!may) return isActive(account) ? 'not any more' : 'not while it is locked';

  const before = await toldGuardian(world, who, village);
  const common = { kind: 'passkey', sessionKey: token, subscriber: toBind(account) } as const;
  const authority = { by: 'system' } as const;
  const begun = await parts.authenticators.begin({ ...common, authority, purpose: 'bind', subscriberId: account.id });
  assert.ok(begun.begun);
  const { hostname, origin } = new URL(issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const response = passkey.create(begun.request as CreationOptions);
  const verdict = await online.activating(token, (writes) =>
    parts.authenticators.bind({
      ...{ ...common, authority, response, challengeId: begun.challengeId ?? '' },
      along: { writes },
    }),
  );
  assert.ok(typeof verdict === 'object' && verdict.verified, 'nothing was taken over');
  take(account, { id: verdict.authenticator.id, kind: 'passkey', passkey });
  one.state = 'APPROVED active';
  account.phone = one.phone;
  delete account.held;
  account.takenOverAt = Date.now();
  const lowers = account.level === 2;
  if (lowers) {
    account.mustReproof = true;
    account.loweredAt = Date.now();
  }
  // Both are told: its holder there, the guardian at their own telephone.
  const kind = lowers ? 'account_taken_over_level_2' : 'account_taken_over';
  assert.ok(await world.newest(one.phone, kind), 'whoever took an account over was not told');
  const after = await toldGuardian(world, who, village);
  assert.ok(!before || after?.newest !== before.newest, 'a guardian was not told of a hand-over');
  assert.ok((await parts.guardianships.ofWard(account.id))?.handedOver, 'it is held by a guardian yet');
  return lowers ? 'level 2 counts as 1' : 'level 1';
};
