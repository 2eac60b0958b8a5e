import assert from 'node:assert/strict';
import { type Happened, type Standing, standingOf } from './standing.ts';
import { type Account, type Citizen, counting, endOne, isInUse, isLocked, openOf } from './village.ts';
import type { World } from './world.ts';

/** What was seen of an account at the last look. */
interface Seen {
  readonly last: number;
  readonly factors: readonly string[];
  readonly locks: readonly string[];
  /** The level that counted. */
  readonly level: 1 | 2;
  /** The one that is written down, whether it counts or not. */
  readonly recorded: 1 | 2;
  readonly history: number;
  readonly disclosures: number;
}
const seen = new Map<string, Seen>();
const NOTHING: Seen = { last: 0, factors: [], locks: [], level: 1, recorded: 1, history: 0, disclosures: 0 };

/** Which notice tells of an event. What stands with a lock is told by the lock's. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'authenticator.bound': ['authenticator_bound'],
  'authenticator.unbound': ['authenticator_unbound'],
  'authenticator.changed': ['password_changed', 'authenticator_changed'],
  'authenticator.disabled': ['authenticator_disabled', 'authenticator_frozen'],
  'authenticator.reinstated': ['authenticator_reinstated'],
  'case.opened': ['sign_in_disowned'],
  'subscriber.locked': ['account_locked'],
  'subscriber.level_changed': ['level_2_at_counter', 'level_withdrawn'],
  'remote_proofing.completed': ['remote_proofing_completed'],
  'subscriber.reproofing_required': ['level_lowered'],
  'recovery.started': ['recovery_started'],
  'recovery.waiting': ['recovery_waiting'],
  'recovery.ready': ['recovery_ready'],
  'recovery.completed': ['recovery_completed'],
  'recovery.cancelled': [
    ...['recovery_cancelled', 'recovery_started', 'account_locked', 'level_2_at_counter'],
    // Another one got its second half, or was completed.
    ...['recovery_waiting', 'recovery_ready', 'recovery_completed'],
  ],
  'recovery.address_changed': ['recovery_addresses_changed'],
};

/** The same of what the register has changed. */
const CHANGED: Readonly<Record<string, readonly string[]>> = {
  name: ['name_corrected'],
  identity_number: ['number_changed'],
};

/** A recovery or a hand-over, or the policy that gave it was withdrawn. */
const LOWERED = ['subscriber.reproofing_required', 'subscriber.level_changed'];

/** Forgets what was seen: the journal was sealed, and the people of the village are gone. */
export const forgetSeen = (): void => seen.clear();

const sorted = (some: Iterable<string>): string[] => [...some].sort();
const addresses = ({ phone, second }: Account): number =>
  [phone, second.sms, second.mail].filter((one) => one !== undefined).length;

/** What must hold after every step, whatever was done (domain.md 8c; the numbers are its). Throws what does not. */
export async function holds(world: World, who: Citizen): Promise<void> {
  for (const account of who.account ? [who.account] : who.former.slice(-1)) {
    const before = seen.get(account.id) ?? NOTHING;
    const now = await standingOf(world.database, account.id, before.last);
    const events = now.events ?? [];
    asModelled(account, now);
    levels(who, account, now);
    journalled(before, now, events);
    toldOf(account, events);
    // 10: nothing that was written is ever gone.
    assert.ok(now.history >= before.history, `history of ${account.id} shrank: ${before.history} → ${now.history}`);
    // "Level 2": a squatter keeps nothing, and nothing that they agreed to stands. Nobody signs in in the step of an upgrade.
    if (before.recorded === 1 && events.some(({ type }) => type === 'subscriber.level_changed'))
      assert.equal(now.agreed, 0, 'what somebody agreed to before an upgrade stands');
    // 9: what left has a ground.
    assert.equal(now.groundless, 0, 'a disclosure without a consent that stood and named what left');
    assert.ok(now.disclosures >= before.disclosures, 'a disclosure was forgotten');
    seen.set(account.id, {
      last: events.at(-1)?.id ?? before.last,
      factors: now.factors.map(({ id }) => id),
      locks: now.locks,
      level: levelIn(now),
      recorded: now.level,
      history: now.history + events.length,
      disclosures: now.disclosures,
    });
  }
  await oneAccount(world.parts.subscribers, who);
}

/** The account is what the model thinks it is. */
function asModelled(account: Account, now: Standing): void {
  assert.equal(now.state, account.closed ? 'closed' : 'active');
  assert.deepEqual(sorted(now.locks), sorted(account.locks.keys()), 'open locks');
  assert.deepEqual(
    sorted(now.factors.map(({ id, status }) => `${id} ${status}`)),
    sorted(account.factors.map((one) => `${one.id} ${isInUse(one) ? 'active' : 'disabled'}`)),
    'authenticators',
  );
  const open = (account.recovery ? 1 : 0) + account.beside.length;
  assert.equal(now.recoveries, open, `recoveries: ${now.recoveries}`);
  for (const [entity, sub] of account.subs) assert.equal(now.subs?.[entity], sub, 'a sub changed');
  // 5: the sectors do not know one another's.
  const subs = Object.values(now.subs ?? {});
  assert.equal(new Set(subs).size, subs.length, 'two sectors share a sub');
  // 8, and what a lock and a recovery promise: nothing that was open is open.
  if (isLocked(account) || account.closed || account.ended) {
    const { sessions, grants, waiting, tokens } = now;
    assert.deepEqual({ sessions, grants, waiting, tokens }, { sessions: 0, grants: 0, waiting: 0, tokens: 0 });
  }
}

/** 1, 2: level 2 in presence alone, and never below six. A recovered level 2 waits for a counter that has looked since. */
function levels(who: Citizen, account: Account, now: Standing): void {
  assert.equal(now.level, account.level, 'recorded level');
  assert.equal(now.reproof, account.mustReproof, 'a re-proofing');
  assert.ok(now.level === 1 || now.proofed, 'level 2 without a proofing in presence');
  const looked = now.checked ?? Number.NEGATIVE_INFINITY;
  assert.ok(levelIn(now) === 1 || looked >= (account.loweredAt ?? 0), 'level 2 again without face and fingerprints');
  const year = Number(who.entry.person.birthdate.slice(0, 4));
  assert.ok(now.level === 1 || new Date().getUTCFullYear() - year >= 6, 'level 2 below six years');
  assert.ok(counting(account) <= now.level);
}

/** The level that counts, as the database has it. */
const levelIn = ({ level, reproof }: Standing): 1 | 2 => (reproof ? 1 : level);

/** Each change has its event, and each event of a change has it. */
function journalled(before: Seen, now: Standing, events: readonly Happened[]): void {
  const named = (type: string, key: string): string[] =>
    events.filter((one) => one.type === type).map(({ detail }) => String(detail?.[key]));
  const factors = now.factors.map(({ id }) => id);
  const gained = factors.filter((id) => !before.factors.includes(id));
  const lost = before.factors.filter((id) => !factors.includes(id));
  assert.deepEqual(sorted(named('authenticator.bound', 'authenticator')), sorted(gained), 'bound without its event');
  assert.deepEqual(sorted(named('authenticator.unbound', 'authenticator')), sorted(lost), 'unbound without its event');
  const locked = now.locks.filter((id) => !before.locks.includes(id));
  const lifted = before.locks.filter((id) => !now.locks.includes(id));
  const [opened, closed] = [named('subscriber.locked', 'lock'), named('subscriber.unlocked', 'lock')];
  assert.ok(
    locked.every((id) => opened.includes(id)),
    'locked without its event',
  );
  assert.ok(
    lifted.every((id) => closed.includes(id)),
    'unlocked without its event',
  );
  // Another level counts after a counter and a recovery: each has its event, and is told (`TOLD`).
  if (before !== NOTHING && before.level !== levelIn(now)) {
    const may = before.level > levelIn(now) ? LOWERED : ['subscriber.level_changed'];
    assert.ok(
      events.some(({ type }) => may.includes(type)),
      `level ${before.level} → ${levelIn(now)} without ${may.join(' or ')}`,
    );
  }
}

const BY_OTHERS = ['subscriber.locked', 'subscriber.unlocked', 'subscriber.changed'];

/** Whatever concerns security is told to every address, in the transaction that makes it so. */
function toldOf(account: Account, events: readonly Happened[]): void {
  if (addresses(account) === 0) return;
  const death = events.find(({ type, detail }) => type === 'subscriber.locked' && detail?.ground === 'death');
  for (const { id, type, tx, actor, detail } of events) {
    const notices = type === 'subscriber.changed' ? CHANGED[String(detail?.what)] : TOLD[type];
    if (!notices || (type === 'authenticator.bound' && actor === 'system')) continue;
    // The second recovery in a row takes no level away.
    if (type === 'subscriber.reproofing_required' && detail?.from === 1) continue;
    // Whoever takes an account over is told on the telephone that they have just proven (`taking-over.ts`).
    if (type === 'subscriber.reproofing_required' && detail?.ground === 'handed_over') continue;
    // Whoever has the telephone of somebody who died is told by people.
    const mourned = (one: Happened): boolean => one.tx === tx && one.detail?.ground === 'death';
    if (['subscriber.locked', 'recovery.cancelled'].includes(type) && events.some(mourned)) continue;
    // An account that is closed has nobody any more who could use what the recovery was for.
    if (type === 'recovery.cancelled' && events.some((one) => one.tx === tx && one.type === 'subscriber.closed'))
      continue;
    const notice = events.find(
      (one) => one.tx === tx && one.type === 'notice.queued' && notices.includes(String(one.detail?.notice)),
    );
    // Nor of anything else that is reported of them from then on, or that the calendar does.
    if (BY_OTHERS.includes(type) && [...account.locks.values()].includes('death') && !(death && id < death.id)) {
      assert.equal(notice, undefined, `${type} was told of somebody who died`);
      continue;
    }
    assert.ok(notice, `${type} was told to nobody in its transaction`);
    const media = notice.detail?.media as readonly string[];
    const most = type === 'recovery.address_changed' ? addresses(account) - 1 : addresses(account);
    assert.ok(media.length >= most, `${type} was told to ${media.length} of ${addresses(account)} addresses`);
  }
}

/** A number leads to one live account at most, and 12: its name is the register's, to the byte, in NFC. */
async function oneAccount(subscribers: World['parts']['subscribers'], { account, entry, former }: Citizen) {
  const found = await subscribers.locate(entry.person.identityNumber);
  assert.equal(found?.id, account && !account.closed ? account.id : undefined, 'another account has the number');
  if (found) {
    assert.equal(found.state, account && isLocked(account) ? 'locked' : 'active');
    assert.ok(
      Buffer.from(found.fullName).equals(Buffer.from(entry.person.fullName.normalize('NFC'))),
      'a name changed',
    );
    assert.equal(found.accountLevel, counting(account!));
  }
  // A person who comes again after an account was closed is known by other subs.
  for (const old of former)
    for (const [entity, sub] of old.subs) assert.notEqual(account?.subs.get(entity), sub, 'a sub came back');
}

/** What time has ended of a recovery. */
export function age(account: Account): void {
  for (const one of openOf(account)) if (one.expiresAt <= Date.now()) endOne(account, one);
}
