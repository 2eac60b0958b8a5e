import assert from 'node:assert/strict';
import { newToken } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { asking, type Face, photoNow } from '../../support/applications.ts';
import { bind, take, toBind } from '../hands.ts';
import type { Act } from '../step.ts';
import { type Applied, anAccount, type Citizen, counting, endRecovery, isActive, isGood, isOfAge } from '../village.ts';
import type { World } from '../world.ts';

/** How an application differs from an honest one. */
export const VARIANTS = ['honest', 'name', 'birthdate', 'phone', 'face', 'dark', 'thief'] as const;
export type Variant = (typeof VARIANTS)[number];

const OPEN = ['SUBMITTED', 'CHECKING', 'NEEDS_INFO'];
const rowOf = (world: World, reference: string) =>
  world.database.row<{ state: string; reason: string | null; activation: string | null; account_id: string | null }>(
    sql`SELECT state, reason, activation, account_id FROM enrolment_applications WHERE reference = ${reference}`,
  );

/** Somebody applies: themselves, with or without a mistake, or a thief in their name with a telephone of their own. */
export const apply =
  (variant: Variant): Act =>
  async (world, who, village) => {
    const { online } = world;
    const { person } = who.entry;
    const token = newToken();
    const phone = variant === 'thief' || variant === 'phone' ? village.thiefPhone : who.entry.phone;
    const identity = {
      accountType: person.accountType,
      identityNumber: person.identityNumber,
      fullName: variant === 'name' ? 'Lê Văn Khác' : person.fullName.normalize('NFD').normalize('NFC'),
      birthdate: variant === 'birthdate' ? '1971-07-07' : person.birthdate,
    };
    if ((await online.identify(token, identity, 'vi')) === 'too_young') return 'too young';
    if (phone === who.entry.phone) who.asked['sign-up'].push(Date.now());
    const asked = await online.askPhone(token, phone, asking());
    if (!asked.asked) return 'no code';
    const code = await world.told(phone, 'sign_up_code', 'code');
    if ((await online.confirmPhone(token, code ?? '')) !== 'confirmed') return 'code not taken';
    await online.consent(token);
    const face: Face = variant === 'face' || variant === 'thief' ? 'green' : variant === 'dark' ? 'grey' : 'red';
    const taken = await online.picture(token, await photoNow(face));
    assert.ok(taken.taken);
    const submitted = await online.submit(token);
    if (!submitted.submitted) return submitted.reason;
    const honest = !['name', 'birthdate', 'phone', 'thief'].includes(variant);
    const by = variant === 'thief' ? 'thief' : 'self';
    who.applied.push({ reference: submitted.reference, token, phone, honest, face, by, state: 'SUBMITTED' });
    return variant;
  };

/** A guardian applies for the child they are guardian of, or for a grown-up. */
export const applyForWard: Act = async (world, who, village) => {
  const guardian = village.people[who.guardian ?? 0]!;
  const found = guardian.account && (await world.parts.subscribers.find(guardian.account.id));
  if (!found) return undefined;
  const { accountType, identityNumber, fullName, birthdate } = who.entry.person;
  const ward = { accountType, identityNumber, fullName, birthdate };
  const submitted = await world.online.submitForWard(found, ward, 'vi');
  if (!submitted.submitted) return submitted.reason;
  assert.ok(who.guardian !== undefined, 'a guardian of a grown-up');
  const phone = guardian.entry.phone;
  who.applied.push({
    ...{ reference: submitted.reference, token: '', phone, honest: true, face: 'red' },
    by: 'guardian',
    state: 'SUBMITTED',
  });
  return 'submitted';
};

/** The office works; one of those whom it asks may be silent. */
export const office =
  (silent: 'nobody' | 'population' | 'telephone' | 'face'): Act =>
  async (world, _, village) => {
    const { population, telephone, face } = world.registers;
    const port = { population: population(), telephone, face, nobody: undefined }[silent];
    port?.behave('unreachable');
    let looked = 0;
    while (looked < 40 && (await world.online.checkNext()) !== 'idle') looked += 1;
    port?.behave('well');
    for (const who of village.people) await decided(world, who, village.people);
    return looked === 0 ? undefined : silent === 'nobody' ? 'all answer' : `${silent} is silent`;
  };

/** What became of the applications of somebody: what was approved was honest, and nobody has two. */
async function decided(world: World, who: Citizen, people: readonly Citizen[]): Promise<void> {
  for (const one of who.applied.filter(({ state }) => OPEN.includes(state))) {
    const row = (await rowOf(world, one.reference))!;
    if (row.state === 'APPROVED') {
      assert.ok(one.honest && one.face === 'red' && one.by !== 'thief', 'a false application was approved');
      assert.ok(!who.dead && who.said.number !== 'cancelled', 'somebody who had died has an account');
      const follows = one.by === 'guardian' || isOfAge(who);
      assert.ok(!who.account || (who.account.held && follows), 'a second account was approved');
      const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
      assert.ok((who.entry.person.documentExpiresOn ?? today) >= today, 'approved on an expired card');
      if (one.by === 'guardian') assert.ok(guards(people, who), 'a ward of nobody who may');
    }
    if (
      row.state === 'REFUSED' &&
      !one.saidOtherwise &&
      one.honest &&
      one.face === 'red' &&
      isGood(who) &&
      !who.account
    )
      assert.ok(
        [
          'already_open',
          'phone_in_use',
          'not_answered',
          'stopped_by_holder',
          'not_guardian',
          'too_young',
          'of_age',
          'document_expired',
        ].includes(row.reason ?? ''),
        `an honest application was refused: ${row.reason}`,
      );
    one.state = row.state === 'APPROVED' ? `APPROVED ${row.activation}` : row.state;
  }
  assert.ok(who.applied.filter(({ state }) => state === 'APPROVED issued').length <= 1, 'two accounts are issued');
  const looked = who.applied.filter(({ state }) => ['CHECKING', 'NEEDS_INFO', 'APPROVED issued'].includes(state));
  assert.ok(looked.length <= 1, 'two applications of one number are open');
}

/** 3: whether the guardian of a child may have an account made for it, now. */
const guards = (people: readonly Citizen[], { guardian }: Citizen): boolean => {
  const account = guardian === undefined ? undefined : people[guardian]!.account;
  return isActive(account) && counting(account) === 2;
};

/** Another picture, where one was asked for. */
export const answerPicture: Act = async (world, who) => {
  const one = who.applied.find(({ state }) => state === 'NEEDS_INFO');
  if (!one) return undefined;
  const taken = await world.online.answer(one.token, await photoNow('red'));
  if (!taken.taken) return taken.reason;
  one.face = 'red';
  one.state = 'CHECKING';
  return 'answered';
};

/** The approved account gets its first authenticator, or is made and left so. */
export const activate =
  (how: 'passkey' | 'password' | 'nothing'): Act =>
  async (world, who) => {
    const one = who.applied.find(({ state, by }) => state === 'APPROVED issued' && by === 'self');
    // What a guardian has made is taken over (`taking-over.ts`).
    if (!one || who.account?.held) return undefined;
    const { online } = world;
    const token = newToken();
    const opened = await online.openActivation(
      token,
      (await world.told(one.phone, 'application_approved', 'activation')) ?? '',
      asking(),
    );
    if (opened === 'closed' || !opened.asked) return 'closed';
    const confirmed = await online.confirmActivation(
      token,
      (await world.told(one.phone, 'sign_up_code', 'code')) ?? '',
    );
    if (confirmed !== 'confirmed') return 'code not taken';
    const issued = await online.issued(token);
    if (!issued) return 'closed';
    const outcome = await online.issue(token);
    if (outcome === 'closed') return 'not made';
    assert.ok(isGood(who), 'an account was made for a number that does not stand');
    assert.ok(!who.account || who.account.id === issued.accountId, 'a second account');
    who.account ??= anAccount({
      id: issued.accountId,
      level: 1,
      name: issued.fullName,
      phone: issued.phone,
      cardUntil: who.entry.person.documentExpiresOn,
    });
    const { account } = who;
    if (how === 'nothing') return 'made and left';
    if (account.factors.length === 0 && how === 'password') {
      const code = await world.parts.authenticators.install(account.id, { kind: 'message-otp', phone: issued.phone });
      take(account, { id: code.id, kind: 'message-otp' });
    }
    const bound = await bind(world, account, how, { by: 'system' });
    assert.ok(bound.bound, `nothing was bound: ${'reason' in bound ? bound.reason : ''}`);
    take(account, bound.factor);
    await online.activated(token);
    one.state = 'APPROVED active';
    assert.equal(toBind(account).id, issued.accountId);
    return how;
  };

/** Whoever the register knows stops what was begun in their name. */
export const stop: Act = async (world, who) => {
  const code = await world.told(who.entry.person.contacts.phone!, 'application_in_your_name', 'stop');
  if (!code) return undefined;
  const stopped = await world.online.stop(code);
  await reread(world, who.applied);
  if (stopped === 'locked' && who.account) {
    await relock(world, who);
  }
  return stopped;
};

/** What the product did to the locks of somebody by itself, taken over. */
async function relock(world: World, who: Citizen): Promise<void> {
  const { account } = who;
  if (!account) return;
  for (const { id, ground, liftedAt } of await world.parts.subscribers.locks(account.id)) {
    if (liftedAt || account.locks.has(id)) continue;
    assert.equal(ground, 'security_suspected');
    account.locks.set(id, ground);
    for (const given of account.given) given.alive = false;
    account.ended = true;
    endRecovery(account);
  }
}

export async function reread(world: World, applied: readonly Applied[]): Promise<void> {
  for (const one of applied) {
    const row = await rowOf(world, one.reference);
    if (row) one.state = row.state === 'APPROVED' ? `APPROVED ${row.activation}` : row.state;
  }
}

/** What time does to applications: unanswered ones are refused, unused ones lapse, wards' accounts are made. */
export async function settleAll(world: World, people: readonly Citizen[]): Promise<number> {
  let settled = 0;
  while (settled < 40 && (await world.online.settleNext())) settled += 1;
  for (const who of people) {
    const before = who.applied.map(({ state }) => state);
    await reread(world, who.applied);
    for (const [index, one] of who.applied.entries()) {
      const row = (await rowOf(world, one.reference))!;
      if (one.by === 'guardian' && one.state === 'APPROVED active' && before[index] !== 'APPROVED active') {
        // Whoever follows a guardian whose account was closed has the account that there is.
        const isSame = who.account?.held && who.account.id === row.account_id;
        assert.ok(!who.account || isSame, 'a ward has a second account');
        assert.ok(guards(people, who), 'the account of a ward was made for nobody who may');
        const { fullName, documentExpiresOn: cardUntil } = who.entry.person;
        assert.ok(isGood(who), 'an account was made for a number that does not stand');
        if (isSame) continue;
        who.account = { ...anAccount({ id: row.account_id!, level: 1, name: fullName, cardUntil }), held: true };
      }
      if (
        one.state === 'APPROVED lapsed' &&
        before[index] === 'APPROVED issued' &&
        // One that was stopped by the register's word is locked, and closed when its term is over.
        (await world.parts.subscribers.find(row.account_id!))?.state === 'closed' &&
        who.account?.id === row.account_id
      ) {
        who.account!.closed = true;
        const { account } = who;
        delete who.account;
        who.former.push(account!);
      }
    }
  }
  return settled;
}

/** The office's clerk does what is due. */
export const settle: Act = async (world, _, { people }) =>
  (await settleAll(world, people)) > 0 ? 'settled' : undefined;
