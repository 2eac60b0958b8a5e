import assert from 'node:assert/strict';
import { METHODS, ONLINE_METHODS, type OnlineMethod, pathOf } from '../../../src/domain/recovery/index.ts';
import { SETTLES_AFTER_HOURS } from '../../../src/domain/subscribers/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { type CreationOptions, type RequestOptions, softwarePasskey } from '../../support/software-passkey.ts';
import { bind, sessionKey, somewhere, take } from '../hands.ts';
import { holds } from '../holds.ts';
import type { Act } from '../step.ts';
import {
  type Account,
  type Citizen,
  endAll,
  endOne,
  endRecovery,
  type Factor,
  has,
  isActive,
  isInUse,
  openOf,
  type Thing,
  thingOf,
  type Underway,
  type Who,
} from '../village.ts';
import type { World } from '../world.ts';

const THING = {
  'printed-code': 'paper',
  passkey: 'device',
  'own-phone': 'phone',
  'second-phone': 'second',
  'e-mail': 'mail',
} as const satisfies Record<OnlineMethod, Thing>;
const HOUR = 3_600_000;

/** Where the code of a method goes, if it has one and there is an address. */
const addressOf = ({ phone, second }: Account, method: OnlineMethod): string | undefined =>
  ({ 'own-phone': phone, 'second-phone': second.sms, 'e-mail': second.mail })[method as 'e-mail'];

const newestCode = async (world: World, address: string | undefined) =>
  address && (await world.newest(address, 'recovery_code'));

/** What somebody answers a method with; nothing where they have nothing. `before`: the code that they had before they asked. */
async function answerOf(
  world: World,
  who: Citizen,
  by: Who,
  asked: { method: OnlineMethod; options?: object; before: unknown },
) {
  const account = who.account!;
  const { method } = asked;
  if (!has(who, by, THING[method])) return undefined;
  if (method === 'printed-code') {
    const code = account.factors.find(({ kind }) => kind === 'recovery-code')?.codes?.at(-1);
    return code && { code };
  }
  if (method === 'passkey') {
    const { passkey } = account.factors.findLast(({ kind }) => kind === 'passkey') ?? {};
    return passkey?.get(asked.options as RequestOptions, { userVerified: by === 'owner' });
  }
  const address = addressOf(account, method);
  // What a stranger has asked for often enough is not sent, and nobody is told (`strange.ts`).
  if ((await newestCode(world, address)) === asked.before) return undefined;
  const code = address && (await world.told(address, 'recovery_code', 'code'));
  return code && { code };
}

/** Whoever adds an address, in a session that they should not have, recovers nothing by it for three days. */
function hasSettled({ added }: Account, method: OnlineMethod): boolean {
  const since = method === 'second-phone' ? added.sms : method === 'e-mail' ? added.mail : 0;
  return since !== undefined && Date.now() - since >= SETTLES_AFTER_HOURS * HOUR;
}

/** Whether a half of this could still come to less waiting. */
const isFasterAhead = (first: Underway['first'], level: 1 | 2, hours: number): boolean =>
  ONLINE_METHODS.some((second) => (pathOf(first, second, level)?.waitHours ?? Number.POSITIVE_INFINITY) < hours);

/** What another one with both halves ends: what waits longer, and halves that could come to nothing stronger. */
function giveWay(account: Account, mine: Underway, waitHours: number): string {
  let [stays, ended] = ['', ''];
  for (const other of openOf(account).filter((one) => one !== mine)) {
    const { hours } = other;
    assert.ok(hours === undefined || hours > waitHours, 'a recovery ended one that waits no longer');
    if (hours === undefined && isFasterAhead(other.first, account.level, waitHours)) stays = ', a half beside it stays';
    else {
      endOne(account, other);
      ended = hours === undefined ? ended || ', a half beside it ends' : ', in the place of a weaker one';
    }
  }
  return ended || stays;
}

/** Somebody proves one method of a recovery: the owner any that they have, a thief the one thing that was stolen. */
export const proveMethod =
  (by: Who, method: OnlineMethod, goesOn: boolean): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account) return undefined;
    const { recoveries } = world.parts;
    const others = openOf(account);
    // What somebody else has begun since stands beside theirs.
    const mine = goesOn ? others.findLast((one) => one.by === by && one.held) : undefined;
    const asked = {
      ...{ method, sessionKey: sessionKey(), address: somewhere(), locale: 'vi' as const },
      identifier: who.entry.person.identityNumber,
      ...(mine ? { holder: mine.held! } : {}),
    } as const;
    const before = await newestCode(world, addressOf(account, method));
    if (!mine) who.asked.recovery.push(Date.now());
    const question = await recoveries.ask(asked);
    if (!question.asked) return `${by} throttled`;
    const response = await answerOf(world, who, by, {
      ...{ method, before },
      ...(question.options ? { options: question.options } : {}),
    });
    if (!response) return `${by} has no ${method}`;
    const verdict = await recoveries.prove({ ...asked, challengeId: question.challengeId ?? '', response });
    const settled = hasSettled(account, method);
    const path = mine && mine.second === undefined ? pathOf(mine.first, method, account.level) : undefined;
    /** Nothing that begins with this method could take its place. */
    const isAhead = ({ hours }: Underway): boolean => !isFasterAhead(method, account.level, hours!);
    if (!verdict.proven) {
      const bars = others.filter((one) => one !== mine).flatMap(({ hours }) => hours ?? []);
      const paired = others.filter(({ second }) => second !== undefined);
      const barred = mine ? bars.some((hours) => hours <= (path?.waitHours ?? 0)) : paired.some(isAhead);
      const may = isActive(account) && !barred && (mine === undefined || path !== undefined);
      const held = account.factors.findLast(({ kind }) => kind === 'passkey');
      const able = method !== 'passkey' || (by === 'owner' && held !== undefined && isInUse(held));
      assert.ok(!may || !able || !settled || verdict.reason === 'throttled', `${method}: ${verdict.reason}`);
      return `${by} ${method} ${verdict.reason}`;
    }
    assert.ok(settled, 'an address that was just added recovers');
    assert.ok(isActive(account), 'a recovery of an account that cannot be used');
    assert.ok(by === 'owner' || method !== 'passkey', 'a passkey that was not unlocked recovers');
    const sheet = account.factors.find(({ kind }) => kind === 'recovery-code');
    if (method === 'printed-code') sheet?.codes?.pop();
    const { recovery } = verdict;
    if (mine) {
      assert.ok(path, `${mine.first} and ${method} open nothing`);
      assert.notEqual(METHODS[mine.first].kind, METHODS[method].kind, 'one factor counted twice');
      assert.ok(by === 'owner', 'a thief with one thing recovered an account');
      assert.ok(recovery.waitsUntil!.getTime() >= Date.now() + path.waitHours * HOUR, 'a recovery waits too little');
      const gaveWay = giveWay(account, mine, path.waitHours);
      Object.assign(mine, {
        second: method,
        hours: path.waitHours,
        waitsUntil: recovery.waitsUntil!.getTime(),
        expiresAt: recovery.expiresAt.getTime(),
      });
      return `owner second ${path.id}${gaveWay}`;
    }
    assert.ok(
      !others.some((one) => one.second && isAhead(one)),
      'a recovery was begun beside one that no pair of it could beat',
    );
    if (account.recovery) account.beside.push(account.recovery);
    account.recovery = {
      ...{ by, held: verdict.holder, id: recovery.id, first: method, expiresAt: recovery.expiresAt.getTime() },
      cancel: await cancelOf(world, account),
    };
    return `${by} first ${method}${besides(others)}`;
  };

/** Beside what a recovery begins: one that waits or is ready, somebody at a counter, or halves. */
const besides = (others: readonly Underway[]): string => {
  if (others.length === 0) return '';
  if (others.some(({ second }) => second !== undefined)) return ', beside one that waits';
  return others.some(({ by }) => by === 'counter') ? ', beside a counter' : ', beside';
};

/** The code of the link that stops it, as every notice has it. */
async function cancelOf(world: World, { phone, second }: Account): Promise<string> {
  const address = phone ?? second.sms ?? second.mail;
  return ((address && (await world.told(address, 'recovery_started', 'cancel'))) ?? '').slice(-16);
}

/** Somebody at whose address a notice arrived stops it; and some lock the account with the same link. */
export const cancel =
  (locks: boolean): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account?.recovery?.cancel) return undefined;
    const { recoveries, subscribers } = world.parts;
    const stopped = account.recovery;
    const code = stopped.cancel;
    assert.equal(await recoveries.cancel({ code }), true, 'a recovery was not stopped');
    endOne(account, stopped);
    assert.equal(await recoveries.cancel({ code }), false);
    if (!locks) return 'stopped';
    const lately = (await subscribers.locks(account.id)).filter(
      ({ liftedAt }) => liftedAt && liftedAt.getTime() >= Date.now() - 7 * 24 * HOUR,
    );
    const ground = await recoveries.lock(code);
    // One stolen thing locks no more than its holder opens, unless it is what they open with; and not at all what was opened this week.
    const isMere = stopped.second === undefined && stopped.first !== 'passkey';
    const link = isMere ? 'holder_request' : 'security_suspected';
    const opened = lately.some(
      (lock) => lock.ground === 'security_suspected' || (link === 'holder_request' && lock.ground === link),
    );
    assert.equal(ground, isActive(account) && !opened ? link : undefined, 'a lock by the link');
    if (!ground) return isActive(account) ? 'stopped, opened lately' : 'stopped';
    const open = (await subscribers.locks(account.id)).filter(({ liftedAt }) => !liftedAt);
    assert.deepEqual(
      open.map((one) => one.ground),
      [ground],
    );
    for (const { id } of open) account.locks.set(id, ground);
    endAll(account);
    // A lock ends whatever else is open.
    endRecovery(account);
    return `stopped and locked: ${ground}`;
  };

/** As many authenticators as an account has at most: bound by the system, which changes what it likes. */
const MOST = 20;
async function fill(world: World, who: Citizen): Promise<void> {
  const account = who.account!;
  while (account.factors.length < MOST) {
    const bound = await bind(world, account, 'passkey', { by: 'system' });
    assert.ok(bound.bound, 'fewer are bound than may be');
    take(account, bound.factor);
  }
  const more = await bind(world, account, 'passkey', { by: 'system' });
  assert.deepEqual(more, { bound: false, reason: 'too_many' });
  // What is bound here is gone after the step.
  await holds(world, who);
}

/**
 * Whoever holds the recovery, or held one that has ended, completes it, and names what is lost. `full`: the account has as much as it
 * can have, and all of it is lost.
 */
export const complete =
  (what: 'held' | 'dead' | 'full'): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account) return undefined;
    const dead = what === 'dead';
    // Halves may have begun beside the one that can be completed.
    const open = openOf(account).find(({ second }) => second !== undefined) ?? account.recovery;
    const held = dead ? account.dead.at(-1) : open?.held;
    if (held === undefined) return undefined;
    const ready = !dead && isActive(account) && open?.waitsUntil !== undefined && open.waitsUntil <= Date.now();
    const { recoveries } = world.parts;
    if (what === 'full' && ready) await fill(world, who);
    const session = sessionKey();
    const begun = await recoveries.begin(held, session);
    if (!begun?.begun) {
      assert.ok(!ready, 'a recovery that is ready was refused');
      return dead ? 'ended, refused' : 'not ready';
    }
    assert.ok(ready, 'a recovery was opened before its time');
    const { hostname, origin } = new URL(world.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const response = passkey.create(begun.request as CreationOptions);
    const isGone = (one: Factor): boolean => who.lost.has(thingOf(one)) || who.stolen === thingOf(one);
    const lost = account.factors.filter((one) => what === 'full' || isGone(one));
    const done = await recoveries.complete({
      ...{ holder: held, kind: 'passkey', sessionKey: session, challengeId: begun.challengeId ?? '', response },
      lost: lost.map(({ id }) => id),
    });
    const kept = account.factors.length - lost.length;
    assert.equal(done.completed ? undefined : done.reason, kept >= MOST ? 'too_many' : undefined, `${kept} are kept`);
    if (!done.completed) return done.reason;
    assert.ok(open!.by !== 'thief', 'a thief recovered an account');
    const bound = (await world.parts.authenticators.of(account.id)).find(
      ({ id }) => !account.factors.some((one) => one.id === id),
    )!;
    account.factors = [
      ...account.factors.filter((one) => !lost.includes(one)),
      { id: bound.id, kind: 'passkey', passkey },
    ];
    account.mustReproof = account.level === 2;
    if (account.mustReproof) account.loweredAt = Date.now();
    who.lost.delete('device');
    endRecovery(account);
    endAll(account);
    return `${what === 'full' ? 'with everything lost, ' : ''}after ${open!.first} and ${open!.second}`;
  };

/** At a counter: two officers, or one who tries twice. */
export const counterRecovery =
  (officers: 1 | 2): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account) return undefined;
    const { counter } = world.parts.recoveries;
    const [first, second] = [newId(), newId()];
    const address = account.phone ?? account.second.sms ?? account.second.mail;
    const stopped = async () => address && (await world.newest(address, 'recovery_cancelled'));
    const before = await stopped();
    const begun = await counter.begin({ subscriberId: account.id, officer: first, ground: 'recovery' as never });
    assert.equal(begun.begun, isActive(account), 'a recovery at the counter');
    if (!begun.begun) return 'refused';
    // What had both halves, and ends here, is told as stopped; of a mere half nobody has to know.
    const paired = openOf(account).some(({ second }) => second !== undefined);
    assert.equal((await stopped()) !== before, paired && address !== undefined, 'told of what an officer stopped');
    endRecovery(account);
    const { id, expiresAt } = (await counter.waiting()).find(({ subscriberId }) => subscriberId === account.id)!;
    account.recovery = {
      ...{ by: 'counter', id, first: 'intake-officer', hours: 0, expiresAt: expiresAt.getTime() },
      cancel: await cancelOf(world, account),
    };
    const alone = await counter.confirm({ id, officer: first });
    assert.deepEqual(alone, { confirmed: false, reason: 'same_officer' });
    const instead = paired ? ' in the place of another' : '';
    if (officers === 1) return `one officer${instead}`;
    const confirmed = await counter.confirm({ id, officer: second });
    assert.ok(confirmed.confirmed);
    const after = await counter.find(id);
    assert.equal(after, undefined, 'a recovery that was confirmed waits');
    Object.assign(account.recovery, {
      ...{ held: `${begun.half}${confirmed.half}`, second: 'approving-officer', waitsUntil: Date.now() },
      expiresAt: Date.now() + 24 * HOUR,
    });
    return `two officers${instead}`;
  };
