import assert from 'node:assert/strict';
import type { Kind } from '../../../src/domain/register-events/index.ts';
import type { LockGround } from '../../../src/domain/subscribers/index.ts';
import { cardOf, FOR_GOOD } from '../cards.ts';
import type { Act } from '../step.ts';
import { type Account, type Citizen, dayOf, endAll, endRecovery, isLocked, type Village } from '../village.ts';
import type { World } from '../world.ts';
import { locked } from './locking.ts';
import { noneAccepted } from './relying.ts';
import { reread } from './signing-up.ts';

const DAY = 86_400_000;
/** Days from a report to the closing. */
const TERM = 30;
const OPEN = ['SUBMITTED', 'CHECKING', 'NEEDS_INFO', 'APPROVED issued'];
let made = 0;

/** Locks that the product has made by itself are taken over: one of this ground, where none was open. */
export async function relocked(world: World, account: Account, ground: LockGround): Promise<void> {
  const stood = [...account.locks.values()].includes(ground);
  const found = (await world.parts.subscribers.locks(account.id)).filter(
    ({ id, liftedAt }) => !liftedAt && !account.locks.has(id),
  );
  assert.deepEqual(
    found.map((lock) => [lock.ground, lock.openedBy]),
    stood ? [] : [[ground, 'system']],
    `locks after ${ground}`,
  );
  for (const { id } of found) {
    locked(account, id, ground);
    account.bySystem.add(id);
    await noneAccepted(world, account);
  }
}

/** What the register's word lifts: on these grounds, and of some only what it has locked itself. */
function lifted(account: Account, grounds: readonly LockGround[]): void {
  const before = isLocked(account);
  for (const [id, ground] of account.locks)
    if (grounds.includes(ground) && (FOR_ALL.includes(ground) || account.bySystem.has(id))) account.locks.delete(id);
  if (before && !isLocked(account)) endAll(account);
}
const FOR_ALL: readonly LockGround[] = ['card_held', 'card_expired', 'residence_expired'];

/** The register reports something of somebody: what came of it is what must have. */
async function reported(world: World, who: Citizen, kind: Kind, said: Record<string, unknown> = {}): Promise<void> {
  const outcome = await world.report(kind, who.entry.person.identityNumber, said);
  assert.equal(outcome, who.account ? 'applied' : 'no_account', `${kind} of somebody`);
}

/** What was handed in and is no account yet ends with a word that leaves nobody to have one. */
async function stopped(world: World, who: Citizen, reason: string): Promise<void> {
  const live = who.applied.filter(({ state }) => OPEN.includes(state));
  await reread(world, live);
  for (const one of live) assert.ok(['REFUSED', 'APPROVED lapsed'].includes(one.state), `${reason}: ${one.state}`);
}

/** The register says that somebody died: locked at once, nothing that was given is accepted after it, and nothing is activated. */
export const die: Act = async (world, who) => {
  const entry = who.entry as { standing?: 'deceased' | 'cancelled' };
  if (who.dead) {
    // It was not so: nothing else ever undoes it.
    delete entry.standing;
    if (who.said.number === 'cancelled') entry.standing = 'cancelled';
    who.dead = false;
    who.said.life = 'alive';
    // One that is looked at may have the register's former word in its record already, and is refused by it.
    for (const one of who.applied) if (OPEN.includes(one.state)) one.saidOtherwise = true;
    delete who.said.closeAt.deceased;
    await reported(world, who, 'death-corrected');
    if (who.account) lifted(who.account, ['death']);
    return 'not after all';
  }
  await reported(world, who, 'death');
  await died(world, who);
  return who.account ? 'with an account' : 'without an account';
};

/** What a death that was reported comes to. */
export async function died(world: World, who: Citizen): Promise<void> {
  who.dead = true;
  who.said.life = 'deceased';
  who.said.closeAt.deceased = Date.now() + TERM * DAY;
  (who.entry as { standing?: 'deceased' }).standing = 'deceased';
  await stopped(world, who, 'death');
  if (who.account) await relocked(world, who.account, 'death');
}

/** A number is cancelled, or another one takes its place: the person stays who they are, to everybody. */
export const renumber =
  (what: 'cancelled' | 'another'): Act =>
  async (world, who, village) => {
    if (who.dead || (what === 'cancelled' && who.said.number === 'cancelled')) return undefined;
    const { account } = who;
    const entry = who.entry as { standing?: 'cancelled' };
    if (what === 'cancelled') {
      entry.standing = 'cancelled';
      who.said.number = 'cancelled';
      who.said.closeAt.cancelled = Date.now() + TERM * DAY;
      await reported(world, who, 'number-cancelled');
      if (account) await relocked(world, account, 'number_cancelled');
    } else {
      made += 1;
      const number = `0972${String(made).padStart(8, '0')}`;
      await reported(world, who, 'number-reestablished', { identity_number: number });
      delete entry.standing;
      moved(world, village, { from: who.entry.person.identityNumber, to: number });
      who.said.number = 'current';
      // The card of the new number is another one, which nobody has spoken of yet.
      who.said.issued = undefined;
      delete who.said.closeAt.cancelled;
      if (account) lifted(account, ['number_cancelled']);
    }
    await stopped(world, who, what);
    return `${what} ${account ? 'with' : 'without'} an account`;
  };

function moved(world: World, { people }: Village, { from, to }: { from: string; to: string }): void {
  for (const { entry } of people) {
    const person = entry.person as { identityNumber: string };
    if (person.identityNumber === from) person.identityNumber = to;
    for (const guardian of (entry.guardians ?? []) as { identityNumber: string }[])
      if (guardian.identityNumber === from) guardian.identityNumber = to;
  }
  world.rewritten(people.map(({ entry }) => entry));
}

const NAMES = ['Nguyễn Thị Thuý Hoà', 'H’Hen Niê', 'Ðặng Đỗ', 'Lò', 'Trần Văn Bé Năm'];
/** Another name: the account bears it at once, to the byte; whoever knows them by a `sub` knows them still. */
export const rename =
  (index: number): Act =>
  async (world, who) => {
    const fullName = NAMES[index]!.normalize('NFC');
    const person = who.entry.person as { fullName: string };
    if (who.dead || person.fullName === fullName) return undefined;
    person.fullName = fullName;
    for (const one of who.applied) if (OPEN.includes(one.state)) one.saidOtherwise = true;
    who.said.name = true;
    await reported(world, who, 'name-corrected', { full_name: fullName.normalize('NFD') });
    return who.account ? 'with an account' : 'without an account';
  };

/** The card that they have: of somebody from abroad the residence card, which nobody shows here. */
const pocketOf = ({ entry }: Citizen): string => (entry.passport ? 'C00000001' : cardOf(entry).documentNumber);
/** The card that the register has spoken of last, or will. */
const documentOf = (who: Citizen): string => who.said.document ?? pocketOf(who);

/** A card is held or revoked, given back, or there is a new one, for so many days or for good. */
export const card =
  (what: 'held' | 'returned' | 'revoked' | 'new', days: number | undefined): Act =>
  async (world, who) => {
    if (who.dead) return undefined;
    const { account, said } = who;
    const document = documentOf(who);
    // A card that was revoked does not become good by being held and given back.
    if (what === 'held' && said.card === 'revoked') return undefined;
    if (what === 'held' || what === 'revoked') {
      said.card = what;
      said.document = document;
      await reported(world, who, `card-${what}`, { document_number: document });
      await stopped(world, who, what);
      if (account) await relocked(world, account, `card_${what}`);
    } else if (what === 'returned') {
      if (said.card !== 'held') return undefined;
      said.card = 'valid';
      await reported(world, who, 'card-returned', { document_number: document });
      if (account) lifted(account, ['card_held']);
    } else {
      made += 1;
      said.card = 'valid';
      // One in three lies at an office yet: what they have is the former one, and the register says so.
      said.document = made % 3 === 0 ? `C1${String(made).padStart(7, '0')}` : pocketOf(who);
      said.issued = said.document;
      said.everIssued.add(said.issued);
      const person = who.entry.person as { accountType: string; documentExpiresOn?: string | undefined };
      // A residence card has a last day; a register that knows none sends its holder to a counter (`application.test.ts`).
      const good = days ?? (person.accountType === 'foreigner' ? 60 : undefined);
      const until = good === undefined ? undefined : dayOf(Date.now() + good * DAY);
      delete person.documentExpiresOn;
      if (until) person.documentExpiresOn = until;
      const expires = until ? { expires_on: until } : {};
      await reported(world, who, 'card-issued', { document_number: said.document, ...expires });
      if (account) {
        account.cardUntil = until;
        account.issuedNow = said.document;
        lifted(account, ['card_held', 'card_revoked', 'card_expired', 'residence_expired']);
      }
    }
    return `${what} ${account ? 'with' : 'without'} an account`;
  };

/**
 * Somebody from abroad has a new passport, and the register names it when it is asked; or it lies at an office yet, and the register has
 * said so by itself alone; or it says once more which one they have.
 */
export const passport: Act = async (world, who) => {
  const { account, said } = who;
  const entry = who.entry as { passport?: { readonly issuingState: string; readonly documentNumber: string } };
  if (!entry.passport || who.dead) return undefined;
  made += 1;
  const next = `U1${String(made).padStart(7, '0')}`;
  const how = (['in hand', 'at an office', 'as before'] as const)[made % 3]!;
  said.passport = how === 'as before' ? entry.passport.documentNumber : next;
  if (how === 'in hand') {
    entry.passport = { ...entry.passport, documentNumber: next };
  }
  await reported(world, who, 'passport-issued', { document_number: said.passport, expires_on: FOR_GOOD });
  if (account) account.passportNow = said.passport;
  return `${how}, ${account ? 'with' : 'without'} an account`;
};

/** A card that was taken away, and of which nobody was told yet that it was issued: it has its last day, and nothing of a former one. */
async function issuedLate(world: World, who: Citizen): Promise<string | undefined> {
  const { account, said, entry } = who;
  const until = entry.person.documentExpiresOn;
  if (until !== undefined && until < dayOf(Date.now())) return undefined;
  said.issued = documentOf(who);
  said.everIssued.add(said.issued);
  const what = { document_number: said.issued, ...(until ? { expires_on: until } : {}) };
  const outcome = await world.report('card-issued', entry.person.identityNumber, what, true);
  assert.equal(outcome, account ? 'applied' : 'no_account', 'a card is issued late');
  if (account) {
    account.cardUntil = until;
    account.issuedNow = said.issued;
    const grounds: readonly LockGround[] = ['card_held', 'card_revoked', 'card_expired', 'residence_expired'];
    lifted(
      account,
      grounds.filter((ground) => ground !== `card_${said.card}`),
    );
  }
  return 'late card-issued';
}

/** What is said twice is known, and what should have come before something else comes too late: nothing follows. */
export const again =
  (how: 'twice' | 'late', back: number): Act =>
  async (world, who) => {
    if (how === 'twice') {
      const outcome = await world.repeat(back);
      if (outcome === undefined) return undefined;
      assert.equal(outcome, 'known');
      return 'twice';
    }
    const { said } = who;
    const number = who.entry.person.identityNumber;
    const late: [unknown, Kind, Record<string, unknown>][] = [
      [said.life, said.life === 'alive' ? 'death' : 'death-corrected', {}],
      [said.card, said.card === 'valid' ? 'card-held' : 'card-issued', { document_number: documentOf(who) }],
      [said.name, 'name-corrected', { full_name: 'Tên Đã Cũ' }],
      [said.passport, 'passport-issued', { document_number: 'U00000001', expires_on: FOR_GOOD }],
    ];
    const known = late.filter(([is]) => is !== undefined);
    const [, kind, what] = known[back % Math.max(1, known.length)] ?? [];
    if (!kind) return undefined;
    const isFirst = said.issued === undefined && !said.everIssued.has(documentOf(who));
    if (kind === 'card-issued' && isFirst) return issuedLate(world, who);
    assert.equal(await world.report(kind, number, what, true), 'superseded');
    return `late ${kind}`;
  };

/** What time does by itself: a card that has had its last day locks, and an account whose term is over is closed. */
export async function aged(world: World, people: readonly Citizen[]): Promise<void> {
  await world.parts.subscribers.meetCardExpiry();
  const today = dayOf(Date.now());
  for (const { account, entry } of people) {
    if (!account || account.closed || account.cardUntil === undefined || account.cardUntil >= today) continue;
    // 7: from midnight on, until a new card or an officer who has seen one.
    if (account.lookedAway === account.cardUntil) continue;
    await relocked(world, account, entry.person.accountType === 'foreigner' ? 'residence_expired' : 'card_expired');
  }
  for (let round = 0; round < 40 && (await world.parts.registerEvents.closeNext()); round += 1);
  for (const who of people) {
    const { account } = who;
    if (!account || account.closed) continue;
    const { deceased = Number.POSITIVE_INFINITY, cancelled = Number.POSITIVE_INFINITY } = who.said.closeAt;
    const over = Math.min(deceased, cancelled) <= Date.now();
    const closed = (await world.parts.subscribers.find(account.id))?.state === 'closed';
    assert.equal(closed, over, over ? 'an account was not closed when its term was over' : 'an account was closed');
    if (!closed) continue;
    account.closed = true;
    endAll(account);
    endRecovery(account);
    await noneAccepted(world, account);
    delete who.account;
    who.former.push(account);
  }
  for (const { said } of people)
    for (const why of ['deceased', 'cancelled'] as const)
      if ((said.closeAt[why] ?? Number.POSITIVE_INFINITY) <= Date.now()) delete said.closeAt[why];
}

/** 7: no account is used on a card that has had its last day, once the day's work was done. */
export function onGoodCards(people: readonly Citizen[]): void {
  const today = dayOf(Date.now());
  for (const { account } of people)
    if (account && !account.closed && account.cardUntil !== undefined && account.cardUntil < today)
      assert.ok(isLocked(account) || account.lookedAway === account.cardUntil, 'an account on an expired card is open');
}
