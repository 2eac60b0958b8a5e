import assert from 'node:assert/strict';
import type { Guardianship } from '../../../src/domain/guardianships/index.ts';
import type { Act } from '../step.ts';
import {
  type Account,
  type Citizen,
  counting,
  endAll,
  fresh,
  isActive,
  isStrong,
  levelOf,
  type Village,
} from '../village.ts';
import type { World } from '../world.ts';
import { signIn } from './factors.ts';
import { locked } from './locking.ts';
import { noneAccepted } from './relying.ts';

/** Whoever looks after an account, or did, if they live here still with the account that they did it with. */
async function guarded(world: World, { account }: Citizen, { people }: Village) {
  const found = account && !account.closed ? await world.parts.guardianships.ofWard(account.id) : undefined;
  const guardian = people.find((one) => one.account?.id === found?.guardianId);
  return account && found && guardian?.account ? { account, found, guardian } : undefined;
}

/** Whether somebody has an account in their hands, with level 2 of their own that counts. */
const holds = (ward: Account, guardian: Account): boolean =>
  ward.held === true && isActive(guardian) && counting(guardian) === 2;

/** A guardian locks what they hold, at once, as somebody locks their own. */
export const lockWard: Act = async (world, who, village) => {
  const of = await guarded(world, who, village);
  if (!of) return undefined;
  const { account, found, guardian } = of;
  const { subscribers, wardLocks } = world.parts;
  const before = account.locks.size;
  const own = [...account.locks.values()].includes('holder_request');
  const came = await wardLocks.lock((await subscribers.find(guardian.account!.id))!, found.applicationId);
  assert.equal(came, holds(account, guardian.account!) ? 'locked' : 'not_held', 'a guardian locks');
  if (came !== 'locked') return came;
  for (const { id, ground, liftedAt } of await subscribers.locks(account.id))
    if (!liftedAt && !account.locks.has(id)) {
      locked(account, id, ground);
      account.byGuardian.add(id);
    }
  assert.equal(account.locks.size, before + (own ? 0 : 1), 'what a guardian has locked');
  await noneAccepted(world, account);
  return own ? 'locked already' : 'locked';
};

/** They lift it with a fresh and strong proof of their level 2, and no other lock; nobody's who has something to open it with. */
export const unlockWard =
  (proves: boolean): Act =>
  async (world, who, village) => {
    const of = await guarded(world, who, village);
    if (!of) return undefined;
    const { account, found, guardian } = of;
    const able = () => proves && !isStrong(fresh(guardian.account!, 'owner'));
    for (let index = 0; index < guardian.account!.factors.length && able(); index += 1)
      await signIn('owner', index)(world, guardian, village);
    const { subscribers, wardLocks } = world.parts;
    const proofs = fresh(guardian.account!, 'owner');
    const may = holds(account, guardian.account!) && account.factors.length === 0;
    const stays = [...account.locks.values()].some((ground) => ground !== 'holder_request');
    const expected = !may
      ? 'not_held'
      : !isStrong(proofs) || levelOf(proofs) < 2
        ? 'more'
        : stays
          ? 'still_locked'
          : 'unlocked';
    const subscriber = (await subscribers.find(guardian.account!.id))!;
    assert.equal(await wardLocks.unlock(subscriber, found.applicationId, proofs), expected, 'a guardian unlocks');
    if (expected !== 'unlocked' && expected !== 'still_locked') return expected;
    const stood = account.locks.size;
    for (const [id, ground] of account.locks) if (ground === 'holder_request') account.locks.delete(id);
    if (stood > 0 && account.locks.size === 0) endAll(account);
    return stood > account.locks.size ? expected : `${expected}, nothing of theirs`;
  };

/** What is left of one that was handed over: the guardian sees it for thirty days, is told of its end, and then it is over. */
export const lookAfter: Act = async (world, who, village) => {
  const of = await guarded(world, who, village);
  if (!of) return undefined;
  const { account, found, guardian } = of;
  assert.equal(found.handedOver === undefined, account.held === true, 'who has an account in their hands');
  if (!found.handedOver) return 'holding';
  if (!isOver(found)) return 'view only';
  const { phone } = guardian.account!;
  assert.ok(!phone || (await world.newest(phone, 'guardianship_ended')), 'a guardian was not told of the end');
  return 'ended';
};

const isOver = ({ handedOver }: Guardianship): boolean =>
  handedOver !== undefined && handedOver.viewUntil.getTime() <= Date.now();

/** Whether nobody has what a guardian held, whose account is closed. */
const isLeft = ({ guardianId, handedOver }: Guardianship, people: readonly Citizen[]): boolean =>
  !handedOver &&
  people.some(({ account, former }) =>
    [...former, ...(account ? [account] : [])].some(({ id, closed }) => closed && id === guardianId),
  );

/** What time does to them: those that were seen for long enough end, or whose guardian has no account any more, and no other. */
export async function ended(world: World, people: readonly Citizen[]): Promise<void> {
  for (let round = 0; round < 40 && (await world.parts.guardianships.endNext()); round += 1);
  for (const { account } of people) {
    const found = account && (await world.parts.guardianships.ofWard(account.id));
    if (!found) continue;
    const over = isOver(found) || isLeft(found, people);
    assert.equal(found.endedAt !== undefined, over, 'the end of a guardianship');
  }
}
