import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOST_HALVES, type ONLINE_METHODS, type OnlineMethod } from '../../../src/domain/recovery/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type Holder, type RecoveryStand, recoveryStand } from '../../support/recovery.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

let stand: RecoveryStand;
beforeAll(async () => {
  stand = await recoveryStand();
});
afterAll(() => stand.end());

const proven = async (holder: Holder, ...methods: (typeof ONLINE_METHODS)[number][]): Promise<string> => {
  let held: string | undefined;
  for (const method of methods) {
    const verdict = await stand.prove(holder, method, { holder: held });
    if (!verdict.proven) throw new Error(`${method}: ${verdict.reason}`);
    held = verdict.holder;
  }
  return held!;
};

describe('printed code and passkey', () => {
  test('open the account at once; everything lost is gone, level 2 waits, and every address has heard of each step', async () => {
    const holder = await stand.aHolder(2);
    const sub = await stand.subOf(holder.id);
    const first = await stand.prove(holder, 'printed-code');
    expect(first.notices.map(({ kind, to }) => `${kind} ${to.address}`).sort()).toEqual(
      holder.addresses.map((address) => `recovery_started ${address}`).sort(),
    );
    if (!first.proven) throw new Error(first.reason);
    const second = await stand.prove(holder, 'passkey', { holder: first.holder });
    expect(second).toMatchObject({ proven: true, recovery: { state: 'ready', path: 'paper+device' } });
    expect(new Set(second.notices.map(({ kind }) => kind))).toEqual(new Set(['recovery_ready']));
    const bound = await stand.parts.authenticators.of(holder.id);
    const lost = bound.filter(({ kind }) => kind === 'password' || kind === 'passkey').map(({ id }) => id);
    const completed = await stand.complete(first.holder, lost);
    expect(completed.completed).toBe(true);
    const heard = completed.notices.filter(({ kind }) => kind === 'recovery_completed').map(({ to }) => to.address);
    expect(heard.sort()).toEqual([...holder.addresses].sort());
    const now = await stand.parts.authenticators.of(holder.id);
    expect(now.map(({ kind }) => kind).sort()).toEqual(['passkey', 'recovery-code']);
    expect(now.find(({ kind }) => kind === 'recovery-code')?.sheet).toEqual({ left: 7 });
    const person = await stand.parts.subscribers.find(holder.id);
    expect(person).toMatchObject({ accountLevel: 1, recordedLevel: 2 });
    expect(await stand.subOf(holder.id)).toBe(sub);
    expect(await stand.complete(first.holder)).toMatchObject({ completed: false, reason: 'over' });
  });

  test('a code of the sheet is good once, also at the same moment', async () => {
    const holder = await stand.aHolder(1);
    const tries = await Promise.all(Array.from({ length: 6 }, () => stand.prove(holder, 'printed-code')));
    expect(tries.filter((one) => one.proven)).toHaveLength(1);
    expect(await stand.prove(holder, 'printed-code')).toMatchObject({ proven: false, reason: 'wrong' });
  });
});

describe('halves that several have proven', () => {
  const holderOf = (verdict: Awaited<ReturnType<RecoveryStand['prove']>>): string => {
    if (!verdict.proven) throw new Error(verdict.reason);
    return verdict.holder;
  };

  test('stand beside each other: whoever begins again and again with one ends nobody’s', async () => {
    const owner = await stand.aHolder(1);
    const held = holderOf(await stand.prove(owner, 'printed-code'));
    for (let n = 0; n < 3; n += 1) {
      // The thief has the telephone, before the owner's second half and after each of its codes.
      holderOf(await stand.prove(owner, 'own-phone'));
      expect((await stand.parts.recoveries.standing(held))?.next).toContain('passkey');
    }
    const second = await stand.prove(owner, 'passkey', { holder: held });
    expect(second).toMatchObject({ proven: true, recovery: { state: 'ready', path: 'paper+device' } });
    expect(await stand.complete(held)).toMatchObject({ completed: true });
    expect(await stand.states(owner.id)).toEqual(
      expect.arrayContaining(['completed', 'cancelled', 'cancelled', 'cancelled']),
    );
  });

  test('of one kind are bounded, which the others are told; the other kind of the path is not', async () => {
    const owner = await stand.aHolder(1);
    for (let n = 0; n < MOST_HALVES; n += 1) holderOf(await stand.prove(owner, 'passkey'));
    expect(await stand.prove(owner, 'passkey')).toMatchObject({ proven: false, reason: 'throttled' });
    const held = holderOf(await stand.prove(owner, 'printed-code'));
    expect(await stand.prove(owner, 'passkey', { holder: held })).toMatchObject({ proven: true });
    // At the same moment too, whatever each of them has read before.
    const crowded = await stand.aHolder(1);
    const tries = await Promise.all(Array.from({ length: MOST_HALVES + 4 }, () => stand.prove(crowded, 'passkey')));
    expect(tries.filter((one) => one.proven)).toHaveLength(MOST_HALVES);
    expect(await stand.states(crowded.id)).toHaveLength(MOST_HALVES);
    // A day later whoever is left begins anew.
    const other = await stand.aHolder(1);
    for (let n = 0; n < MOST_HALVES; n += 1) holderOf(await stand.prove(other, 'passkey'));
    stand.clock.advance(24 * 3600);
    expect(await stand.prove(other, 'passkey')).toMatchObject({ proven: true });
  });

  test('of passkeys, which cost nothing, those that were stopped count for a day; a code begins as before', async () => {
    const owner = await stand.aHolder(1);
    const { recoveries } = stand.parts;
    for (let n = 0; n < MOST_HALVES; n += 1) {
      expect(await recoveries.cancel({ holder: holderOf(await stand.prove(owner, 'passkey')) })).toBe(true);
      stand.clock.advance(60);
    }
    expect(await stand.prove(owner, 'passkey')).toMatchObject({
      ...{ proven: false, reason: 'throttled', retryAfter: 24 * 3600 - MOST_HALVES * 60 },
    });
    for (const method of ['printed-code', 'e-mail', 'own-phone'] as const)
      expect(await stand.prove(owner, method), method).toMatchObject({ proven: true });
    stand.clock.advance(24 * 3600 - MOST_HALVES * 60);
    expect(await stand.prove(owner, 'passkey')).toMatchObject({ proven: true });
    expect(await stand.prove(owner, 'passkey')).toMatchObject({ proven: false, reason: 'throttled' });
    await stand.messages();
  });

  test('come to one end: with its second half a recovery ends those that could wait no less, and none of these begins beside it', async () => {
    const owner = await stand.aHolder(1);
    const [first, other] = [
      holderOf(await stand.prove(owner, 'second-phone')),
      holderOf(await stand.prove(owner, 'passkey')),
    ];
    holderOf(await stand.prove(owner, 'own-phone', { holder: other }));
    expect(await stand.parts.recoveries.standing(first)).toBeUndefined();
    expect(await stand.prove(owner, 'passkey', { holder: first })).toMatchObject({ proven: false, reason: 'over' });
    expect(await stand.prove(owner, 'e-mail')).toMatchObject({ proven: false, reason: 'under_way' });
    expect((await stand.states(owner.id)).filter((state) => state !== 'cancelled')).toEqual(['waiting']);
    expect(await stand.parts.recoveries.cancel({ holder: other })).toBe(true);
    await stand.messages();
  });

  test('at the same moment too: of two second halves one counts, and one outcome comes of it', async () => {
    for (let round = 0; round < 6; round += 1) {
      const owner = await stand.aHolder(1);
      const paper = holderOf(await stand.prove(owner, 'printed-code'));
      const device = holderOf(await stand.prove(owner, 'passkey'));
      const tries = await Promise.all([
        stand.prove(owner, 'passkey', { holder: paper }),
        stand.prove(owner, 'printed-code', { holder: device, printed: 1 }),
      ]);
      expect(tries.filter(({ proven: one }) => one)).toHaveLength(1);
      for (const one of tries) expect(one.proven ? 'proven' : one.reason).toMatch(/^(proven|under_way|over)$/);
      const done = await Promise.all([stand.complete(paper), stand.complete(device)]);
      expect(done.filter(({ completed }) => completed)).toHaveLength(1);
      expect((await stand.states(owner.id)).sort()).toEqual(['cancelled', 'completed']);
    }
  });

  test('of a strong path are not held up by a weak one that waits, and take its place, which every address is told', async () => {
    for (const begins of ['before', 'while it waits', 'once it is ready'] as const) {
      const owner = await stand.aHolder(1);
      const early = begins === 'before' ? holderOf(await stand.prove(owner, 'printed-code')) : undefined;
      const thief = holderOf(await stand.prove(owner, 'own-phone'));
      const waiting = await stand.prove(owner, 'e-mail', { holder: thief });
      expect(waiting).toMatchObject({ proven: true, recovery: { state: 'waiting', path: 'phone+mail' } });
      expect(waiting.notices.map(({ kind }) => kind)).not.toContain('recovery_cancelled');
      if (begins === 'once it is ready') {
        stand.clock.advance(73 * 3600);
        await stand.parts.recoveries.due();
      }
      const held = early ?? holderOf(await stand.prove(owner, 'printed-code'));
      const second = await stand.prove(owner, 'passkey', { holder: held });
      expect(second, begins).toMatchObject({ proven: true, recovery: { state: 'ready', path: 'paper+device' } });
      const heard = second.notices.filter(({ kind }) => kind === 'recovery_cancelled').map(({ to }) => to.address);
      expect(heard.sort()).toEqual([...owner.addresses].sort());
      expect(await stand.parts.recoveries.standing(thief)).toBeUndefined();
      expect(await stand.complete(thief)).toMatchObject({ completed: false });
      expect(await stand.complete(held)).toMatchObject({ completed: true });
      expect((await stand.states(owner.id)).sort()).toEqual(['cancelled', 'completed']);
    }
  });

  test('of a path that waits as long or longer take nobody’s place', async () => {
    const owner = await stand.aHolder(1);
    const [own, equal] = [
      holderOf(await stand.prove(owner, 'printed-code')),
      holderOf(await stand.prove(owner, 'passkey')),
    ];
    expect(await stand.prove(owner, 'own-phone', { holder: own })).toMatchObject({ recovery: { path: 'paper+phone' } });
    const held = { holder: equal };
    expect(await stand.prove(owner, 'e-mail', held)).toMatchObject({ proven: false, reason: 'under_way' });
    expect(await stand.prove(owner, 'own-phone')).toMatchObject({ proven: false, reason: 'under_way' });
    expect(await stand.parts.recoveries.standing(own)).toMatchObject({ recovery: { state: 'waiting' } });
    // What was not counted goes on with what does wait less.
    expect(await stand.prove(owner, 'printed-code', { ...held, printed: 1 })).toMatchObject({
      recovery: { state: 'ready', path: 'paper+device' },
    });
    expect(await stand.prove(owner, 'printed-code', { printed: 2 })).toMatchObject({ reason: 'under_way' });
    await stand.parts.recoveries.cancel({ holder: equal });
    await stand.messages();
  });

  test('end nothing that was begun at a counter, however strong their path: the person is there', async () => {
    for (const [first, second] of [
      ['own-phone', 'e-mail'],
      ['printed-code', 'passkey'],
    ] as const) {
      const owner = await stand.aHolder(1);
      const { counter } = stand.parts.recoveries;
      const begun = await counter.begin({ subscriberId: owner.id, officer: newId(), ground: 'counter_visit' });
      if (!begun.begun) throw new Error(begun.reason);
      const { id } = (await counter.waiting()).find(({ subscriberId }) => subscriberId === owner.id)!;
      const far = holderOf(await stand.prove(owner, first));
      const refused = await stand.prove(owner, second, { holder: far });
      expect(refused).toMatchObject({ proven: false, reason: 'under_way' });
      const confirmed = await counter.confirm({ id, officer: newId() });
      if (!confirmed.confirmed) throw new Error(confirmed.reason);
      expect(await stand.parts.recoveries.standing(far)).toBeUndefined();
      expect(await stand.prove(owner, first, { printed: 1 })).toMatchObject({ reason: 'under_way' });
      expect(await stand.complete(`${begun.half}${confirmed.half}`)).toMatchObject({ completed: true });
    }
  });

  test('keep nobody from what two of them would: an account is being recovered from its second half on', async () => {
    const owner = await stand.aHolder(1);
    const { recoveries } = stand.parts;
    const half = holderOf(await stand.prove(owner, 'own-phone'));
    expect(await recoveries.isPaired(owner.id)).toBe(false);
    holderOf(await stand.prove(owner, 'e-mail', { holder: half }));
    expect(await recoveries.isPaired(owner.id)).toBe(true);
    // What has run out counts for nothing, whether or not it was swept.
    stand.clock.advance(11 * 24 * 3600);
    expect(await stand.states(owner.id)).toEqual(['waiting']);
    expect(await recoveries.isPaired(owner.id)).toBe(false);
  });

  test('with its second half one is told of when an officer ends it, which a mere half is not', async () => {
    const { counter } = stand.parts.recoveries;
    for (const [heard, ...methods] of [
      [false, 'own-phone'],
      [true, 'own-phone', 'e-mail'],
      [true, 'printed-code', 'passkey'],
    ] as const) {
      const owner = await stand.aHolder(1);
      await proven(owner, ...methods);
      await stand.messages();
      expect(await counter.begin({ subscriberId: owner.id, officer: newId(), ground: 'counter_visit' })).toMatchObject({
        begun: true,
      });
      const told = (await stand.messages()).filter(({ kind }) => kind === 'recovery_cancelled');
      expect(told.map(({ to }) => to.address).sort()).toEqual(heard ? [...owner.addresses].sort() : []);
      expect((await stand.states(owner.id)).sort()).toEqual(['cancelled', 'proven_one']);
    }
  });

  test('name in the journal who ended them: an officer, the holder of another, or time', async () => {
    const owner = await stand.aHolder(1);
    const { counter } = stand.parts.recoveries;
    const [intake, approver] = [newId(), newId()];
    const ends = async () =>
      (await stand.parts.journal.query({ subscriberId: owner.id, types: ['recovery.cancelled'], limit: 9 })).map(
        ({ actor, detail }) => `${detail?.first}: ${actor.kind} ${actor.id ?? ''}`.trim(),
      );
    holderOf(await stand.prove(owner, 'own-phone'));
    await counter.begin({ subscriberId: owner.id, officer: intake, ground: 'counter_visit' });
    expect(await ends()).toEqual([`own-phone: operator ${intake}`]);
    holderOf(await stand.prove(owner, 'e-mail'));
    const { id } = (await counter.waiting()).find(({ subscriberId }) => subscriberId === owner.id)!;
    expect(await counter.confirm({ id, officer: approver })).toMatchObject({ confirmed: true });
    expect(await ends()).toContain(`e-mail: operator ${approver}`);
    await stand.parts.subscribers.lock(owner.id, 'authority_request', { kind: 'operator', id: newId() }, 'ref');
    expect(await ends()).toContain('intake-officer: system');
    const other = await stand.aHolder(1);
    await proven(other, 'own-phone', 'e-mail');
    await proven(other, 'printed-code', 'passkey');
    const [end] = await stand.parts.journal.query({ subscriberId: other.id, types: ['recovery.cancelled'], limit: 1 });
    expect(end).toMatchObject({ actor: { kind: 'claimant' }, detail: { path: 'phone+mail' } });
    await stand.messages();
  });

  test('a link in a notice stops the one that it tells of', async () => {
    const owner = await stand.aHolder(1);
    const held = holderOf(await stand.prove(owner, 'printed-code'));
    const thief = await stand.prove(owner, 'own-phone');
    const { cancel } = thief.notices.find(({ kind }) => kind === 'recovery_started')!.values as { cancel: string };
    expect(await stand.parts.recoveries.cancel({ code: cancel.slice(-16) })).toBe(true);
    expect(await stand.parts.recoveries.standing(holderOf(thief))).toBeUndefined();
    expect(await stand.prove(owner, 'passkey', { holder: held })).toMatchObject({ proven: true });
  });
});

test('of officers who begin one person’s recovery at the same moment, and the person themself, one does', async () => {
  for (let round = 0; round < 6; round += 1) {
    const holder = await stand.aHolder(1);
    const { counter } = stand.parts.recoveries;
    const begin = () => counter.begin({ subscriberId: holder.id, officer: newId(), ground: 'counter_visit' });
    const [first, second, own] = await Promise.all([begin(), begin(), stand.prove(holder, 'printed-code')]);
    for (const one of [first, second]) expect(one.begun ? 'begun' : one.reason).toMatch(/^(begun|unknown)$/);
    expect(own.proven ? 'proven' : own.reason).toMatch(/^(proven|under_way)$/);
    expect([first.begun, second.begun, own.proven]).toContain(true);
    const open = (await stand.states(holder.id)).filter((state) => state !== 'cancelled');
    expect(open.filter((state) => state === 'proven_one').length).toBeLessThanOrEqual(1);
    expect(open.filter((state) => state === 'half').length).toBeLessThanOrEqual(own.proven ? 1 : 0);
    expect(open).not.toEqual([]);
  }
  await stand.messages();
});

test('an address that was added recovers nothing until it has settled; a mailbox has the own one in its place', async () => {
  const holder = await stand.aHolder(1, { settled: false });
  const [, email, second, mailbox] = holder.addresses;
  const sent = async (method: 'second-phone' | 'e-mail'): Promise<string[]> => {
    await stand.messages();
    const asked = { method, identifier: holder.identifier, sessionKey: newId(), locale: 'vi' } as const;
    const address = `10.4.${Math.floor(Math.random() * 250)}.1`;
    expect(await stand.parts.recoveries.ask({ ...asked, address }), 'as for anybody').toMatchObject({ asked: true });
    return (await stand.messages()).filter(({ kind }) => kind === 'recovery_code').map(({ to }) => to.address);
  };
  expect([await sent('second-phone'), await sent('e-mail')]).toEqual([[], [email]]);
  expect(await stand.prove(holder, 'second-phone')).toMatchObject({ proven: false, reason: 'wrong' });
  stand.clock.advance(72 * 3600 - 60);
  expect([await sent('second-phone'), await sent('e-mail')]).toEqual([[], [email]]);
  stand.clock.advance(60);
  expect([await sent('second-phone'), await sent('e-mail')]).toEqual([[second], [mailbox]]);
  expect(await stand.prove(holder, 'second-phone')).toMatchObject({ proven: true });
});

test('a code to a telephone waits a day, and nobody is let in before', async () => {
  const holder = await stand.aHolder(1);
  const held = await proven(holder, 'printed-code', 'second-phone');
  stand.clock.advance(23 * 3600);
  expect(await stand.complete(held)).toMatchObject({ completed: false });
  stand.clock.advance(3601);
  await stand.parts.recoveries.due();
  expect((await stand.messages()).map(({ kind }) => kind)).toEqual(Array(4).fill('recovery_ready'));
  expect(await stand.complete(held)).toMatchObject({ completed: true });
  expect((await stand.parts.subscribers.find(holder.id))?.accountLevel).toBe(1);
});

test('a password comes with the telephone that was proven, and with no other', async () => {
  const holder = await stand.aHolder(1);
  const common = {
    kind: 'password',
    sessionKey: 'here',
    lost: [],
    response: { password: 'hoa sen nở đầy ao nhà' },
  } as const;
  const { recoveries, authenticators } = stand.parts;
  const without = await proven(holder, 'printed-code', 'passkey');
  expect(await recoveries.complete({ ...common, holder: without })).toMatchObject({ reason: 'no_phone' });
  expect(await recoveries.cancel({ holder: without })).toBe(true);
  await stand.messages();
  const other = await stand.aHolder(1);
  const held = await proven(other, 'printed-code', 'own-phone');
  stand.clock.advance(25 * 3600);
  expect(await recoveries.complete({ ...common, holder: held })).toEqual({ completed: true });
  const bound = await authenticators.of(other.id);
  expect(bound.map(({ kind }) => kind)).toContain('message-otp');
  await stand.messages();
});

test('a recovery that was stopped opens nothing, and whoever stopped it may lock the account', async () => {
  const holder = await stand.aHolder(2);
  const first = await stand.prove(holder, 'own-phone');
  const code = /recover\/cancel\/([0-9A-Z]{16})$/.exec(String(first.notices[0]?.values.cancel))?.[1] ?? '';
  if (!first.proven) throw new Error(first.reason);
  await stand.prove(holder, 'printed-code', { holder: first.holder });
  expect(await stand.parts.recoveries.lock(code)).toBeUndefined();
  expect(await stand.parts.recoveries.cancel({ code })).toBe(true);
  expect(await stand.parts.recoveries.cancel({ code })).toBe(false);
  stand.clock.advance(25 * 3600);
  expect(await stand.complete(first.holder)).toMatchObject({ completed: false });
  // A day later too, and as somebody else suspects it: the thief's passkey lifts a lock of the holder's.
  expect(await stand.parts.recoveries.lock(code)).toBe('security_suspected');
  const { subscribers } = stand.parts;
  expect((await subscribers.find(holder.id))?.state).toBe('locked');
  const [lock] = await subscribers.locks(holder.id);
  expect(lock).toMatchObject({ ground: 'security_suspected', openedBy: 'claimant' });
  const own = await subscribers.unlock(holder.id, lock!.id, { kind: 'subscriber', id: holder.id });
  expect(own).toEqual({ lifted: false, reason: 'not_yours' });
  expect(await stand.parts.recoveries.cancellable(code)).toMatchObject({ state: 'cancelled', lock: 'locked' });
  // What an office has opened again, the same link locks no more.
  await subscribers.unlock(holder.id, lock!.id, { kind: 'operator', id: newId() });
  expect(await stand.parts.recoveries.cancellable(code)).toMatchObject({ lock: 'over' });
  expect(await stand.parts.recoveries.lock(code)).toBeUndefined();
  await stand.messages();
});

/** The code in what tells of a recovery. */
const codeOf = ({ notices }: Pick<Awaited<ReturnType<RecoveryStand['prove']>>, 'notices'>): string =>
  String(notices.find(({ kind }) => kind === 'recovery_started')?.values.cancel).slice(-16);

test('whoever stopped a mere half locks as its holder would: one stolen thing sends nobody to an office', async () => {
  const { recoveries, subscribers } = stand.parts;
  for (const method of ['e-mail', 'own-phone', 'printed-code'] as const) {
    const holder = await stand.aHolder(2);
    const code = codeOf(await stand.prove(holder, method));
    expect(await recoveries.cancel({ code })).toBe(true);
    expect(await recoveries.cancellable(code), method).toMatchObject({ lock: { ground: 'holder_request' } });
    expect(await recoveries.lock(code), method).toBe('holder_request');
    const [lock] = await subscribers.locks(holder.id);
    expect(lock).toMatchObject({ ground: 'holder_request', openedBy: 'claimant' });
    const by = { kind: 'subscriber', id: holder.id } as const;
    expect(await subscribers.unlock(holder.id, lock!.id, by)).toEqual({ lifted: true, stillLocked: false });
    // Once: the same message in a thief's mailbox locks no more.
    expect(await recoveries.cancellable(code)).toMatchObject({ lock: 'over' });
    expect(await recoveries.lock(code)).toBeUndefined();
  }
  await stand.messages();
});

test('a half that was begun with a passkey locks on suspicion: that passkey lifts a lock of the holder’s', async () => {
  const { recoveries, subscribers } = stand.parts;
  const holder = await stand.aHolder(2);
  const stopped = async (): Promise<string> => {
    const half = await stand.prove(holder, 'passkey');
    expect(await recoveries.cancel({ code: codeOf(half) })).toBe(true);
    return codeOf(half);
  };
  const code = await stopped();
  expect(await recoveries.lock(code)).toBe('security_suspected');
  const [lock] = await subscribers.locks(holder.id);
  const own = await subscribers.unlock(holder.id, lock!.id, { kind: 'subscriber', id: holder.id });
  expect(own).toEqual({ lifted: false, reason: 'not_yours' });
  await subscribers.unlock(holder.id, lock!.id, { kind: 'operator', id: newId() });
  // Whoever reads the messages sends nobody to an office twice, however often their holder begins.
  expect(await recoveries.lock(code)).toBeUndefined();
  expect(await recoveries.lock(await stopped())).toBeUndefined();
  await stand.messages();
});

test('behind a lock that somebody else lifts, the link of both halves locks beside it; behind its own it does not', async () => {
  const { recoveries, subscribers } = stand.parts;
  const officer = { kind: 'operator', id: newId() } as const;
  for (const [ground, by, ref] of [
    ['holder_request', { kind: 'claimant' }, undefined],
    ['authority_request', officer, 'ref'],
    ['card_expired', { kind: 'system' }, undefined],
    ['security_suspected', officer, undefined],
  ] as const) {
    const holder = await stand.aHolder(1);
    const done = await stand.complete(await proven(holder, 'printed-code', 'passkey'));
    const link = String(done.notices.find(({ kind }) => kind === 'recovery_completed')?.values.cancel).slice(-16);
    await subscribers.lock(holder.id, ground, by, ref);
    const own = ground === 'security_suspected';
    expect((await recoveries.cancellable(link))?.lock, ground).toEqual(
      own ? 'locked' : { until: expect.any(Date), ground: 'security_suspected' },
    );
    expect(await recoveries.lock(link), ground).toBe(own ? undefined : 'security_suspected');
    expect(await recoveries.cancellable(link), ground).toMatchObject({ lock: 'locked' });
    const open = (await subscribers.locks(holder.id)).map((lock) => lock.ground);
    expect(open.sort(), ground).toEqual(own ? [ground] : [ground, 'security_suspected'].sort());
  }
  await stand.messages();
});

test.each([
  ['a half', 'e-mail'],
  ['both halves', 'e-mail', 'own-phone'],
] as const)(
  'however many press the link of %s at once, there is one lock, told once, and what was opened stays open',
  async (_, ...methods) => {
    const { recoveries, subscribers } = stand.parts;
    const holder = await stand.aHolder(1);
    const first = await stand.prove(holder, methods[0] as OnlineMethod);
    if (!first.proven) throw new Error(first.reason);
    for (const method of methods.slice(1)) await stand.prove(holder, method as OnlineMethod, { holder: first.holder });
    const code = codeOf(first);
    await recoveries.cancel({ code });
    await stand.messages();
    const pressed = await Promise.all(Array.from({ length: 8 }, () => recoveries.lock(code)));
    expect(pressed.filter((ground) => ground !== undefined)).toHaveLength(1);
    const locks = await subscribers.locks(holder.id);
    expect(locks).toHaveLength(1);
    const told = (await stand.messages()).filter(({ kind }) => kind === 'account_locked');
    expect(told).toHaveLength(holder.addresses.length);
    const officer = { kind: 'operator', id: newId() } as const;
    await Promise.all([
      subscribers.unlock(holder.id, locks[0]!.id, officer),
      ...Array.from({ length: 8 }, () => recoveries.lock(code)),
    ]);
    expect((await subscribers.find(holder.id))?.state).toBe('active');
    // The recovery itself says that its link has locked, whatever becomes of the lock.
    const link = await stand.database.row(
      sql`SELECT link_locked_at IS NOT NULL AS locked FROM recoveries WHERE subscriber_id = ${holder.id}`,
    );
    expect(link).toEqual({ locked: true });
    await stand.messages();
  },
);

test('what was opened stays open for seven days, whatever half is begun and stopped next', async () => {
  const { recoveries, subscribers } = stand.parts;
  const openAtOffice = async ({ id }: Holder): Promise<void> => {
    for (const { id: lock, liftedAt } of await subscribers.locks(id))
      if (!liftedAt) await subscribers.unlock(id, lock, { kind: 'operator', id: newId() });
    stand.clock.advance(60);
  };
  const stopped = async (holder: Holder, ...methods: (typeof ONLINE_METHODS)[number][]): Promise<string> => {
    const first = await stand.prove(holder, methods[0]!);
    if (!first.proven) throw new Error(first.reason);
    for (const method of methods.slice(1)) await stand.prove(holder, method, { holder: first.holder });
    expect(await recoveries.cancel({ code: codeOf(first) })).toBe(true);
    return codeOf(first);
  };
  for (const [ground, ...methods] of [
    ['holder_request', 'e-mail'],
    ['security_suspected', 'own-phone', 'e-mail'],
  ] as const) {
    const holder = await stand.aHolder(1);
    expect(await recoveries.lock(await stopped(holder, ...methods))).toBe(ground);
    await openAtOffice(holder);
    const half = await stopped(holder, 'e-mail');
    expect(await recoveries.cancellable(half)).toMatchObject({ state: 'cancelled', lock: 'over' });
    expect(await recoveries.lock(half)).toBeUndefined();
    // What was opened of a half says nothing of somebody who comes with both.
    const both = await stopped(holder, 'own-phone', 'e-mail');
    expect(await recoveries.lock(both)).toBe(ground === 'holder_request' ? 'security_suspected' : undefined);
    await openAtOffice(holder);
    // A takeover that was carried out since is another matter.
    const taken = await stand.prove(holder, 'printed-code');
    if (!taken.proven) throw new Error(taken.reason);
    await stand.prove(holder, 'passkey', { holder: taken.holder });
    expect(await stand.complete(taken.holder)).toMatchObject({ completed: true });
    expect(await recoveries.lock(codeOf(taken))).toBe('security_suspected');
    await openAtOffice(holder);
    expect(await recoveries.lock(codeOf(taken))).toBeUndefined();
    stand.clock.advance(7 * 24 * 3600 + 1);
    expect(await recoveries.lock(await stopped(holder, 'e-mail'))).toBe('holder_request');
  }
  await stand.messages();
});

test('what the holder has opened with a strong proof is not locked again by the next half', async () => {
  const { recoveries, subscribers } = stand.parts;
  const holder = await stand.aHolder(1);
  const stoppedHalf = async (): Promise<string> => {
    // Later than what was locked before: that this very link has locked is another rule.
    stand.clock.advance(60);
    const half = await stand.prove(holder, 'e-mail');
    if (!half.proven) throw new Error(half.reason);
    expect(await recoveries.cancel({ code: codeOf(half) })).toBe(true);
    return codeOf(half);
  };
  expect(await recoveries.lock(await stoppedHalf())).toBe('holder_request');
  const [lock] = await subscribers.locks(holder.id);
  expect(await subscribers.unlock(holder.id, lock!.id, { kind: 'subscriber', id: holder.id })).toMatchObject({
    lifted: true,
  });
  for (let again = 0; again < 3; again += 1) expect(await recoveries.lock(await stoppedHalf())).toBeUndefined();
  stand.clock.advance(7 * 24 * 3600 + 1);
  expect(await recoveries.lock(await stoppedHalf())).toBe('holder_request');
  await stand.messages();
});

test('the link of a recovery that was carried out locks the account for seven days, and then no more', async () => {
  const { recoveries, subscribers } = stand.parts;
  const codes: [Holder, string][] = [];
  for (let count = 0; count < 2; count += 1) {
    const holder = await stand.aHolder(1);
    const completed = await stand.complete(await proven(holder, 'printed-code', 'passkey'));
    const link = completed.notices.find(({ kind }) => kind === 'recovery_completed')?.values.cancel;
    codes.push([holder, String(link).slice(-16)]);
  }
  const [[, late], [holder, code]] = codes as [[Holder, string], [Holder, string]];
  expect(await recoveries.cancel({ code })).toBe(false);
  const { lock, endedAt } = (await recoveries.cancellable(code))!;
  expect(lock).toEqual({ until: new Date(endedAt!.getTime() + 7 * 24 * 3_600_000), ground: 'security_suspected' });
  stand.clock.advance(7 * 24 * 3600 - 60);
  expect(await recoveries.lock(code)).toBe('security_suspected');
  expect(await subscribers.locks(holder.id)).toMatchObject([{ ground: 'security_suspected' }]);
  stand.clock.advance(60);
  expect(await recoveries.cancellable(late)).toMatchObject({ state: 'completed', lock: 'over' });
  expect(await recoveries.lock(late)).toBeUndefined();
  await stand.messages();
});

test('an account that has as much as it can have is recovered by whoever has lost all of it, and not with all of it kept', async () => {
  const holder = await stand.aHolder(1);
  const { authenticators } = stand.parts;
  const subscriber = { id: holder.id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] } as const;
  for (let refused: string | undefined; refused !== 'too_many'; ) {
    const common = { kind: 'passkey', subscriber, authority: { by: 'system' }, sessionKey: newId() } as const;
    const begun = await authenticators.begin({ ...common, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const passkey = softwarePasskey({ rpId: 'localhost', origin: 'http://localhost:3999' });
    const response = passkey.create(begun.request as CreationOptions);
    const bound = await authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response });
    refused = bound.verified ? undefined : bound.reason;
  }
  const all = (await authenticators.of(holder.id)).map(({ id }) => id);
  expect(all).toHaveLength(20);
  const held = await proven(holder, 'printed-code', 'passkey');
  expect(await stand.complete(held)).toMatchObject({ completed: false, reason: 'too_many' });
  expect(await stand.complete(held, all)).toMatchObject({ completed: true });
  expect((await authenticators.of(holder.id)).map(({ kind }) => kind)).toEqual(['passkey']);
  await stand.messages();
});

test('a step that cannot be taken for some accounts, however many, time takes for everybody behind them', async () => {
  const [broken, other, late] = [await stand.aHolder(1), await stand.aHolder(1), await stand.aHolder(1)];
  await proven(broken, 'own-phone', 'printed-code');
  await proven(other, 'own-phone', 'printed-code');
  await stand.prove(late, 'own-phone');
  // Sealed under a key that is gone, as far as anybody can tell.
  await stand.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(
      sql`UPDATE recoveries SET cancel_code = decode('00', 'hex') WHERE subscriber_id = ${broken.id}`,
    );
    // Two hundred more of them, each of somebody else: several at one moment, and all before the others' time.
    await transaction.execute(sql`INSERT INTO recoveries (id, subscriber_id, state, first_method, first_kind, second_method,
        second_kind, path, started_at, waits_until, holder_hash, cancel_hash, cancel_code, proven_phone, expires_at)
      SELECT gen_random_uuid(), gen_random_uuid(), state, first_method, first_kind, second_method, second_kind, path, started_at,
        waits_until - make_interval(secs => n % 3), sha256(('holder' || n)::bytea), sha256(('cancel' || n)::bytea), cancel_code,
        proven_phone, expires_at - make_interval(secs => n % 3)
      FROM recoveries, generate_series(3, 202) AS n WHERE subscriber_id = ${broken.id}`);
  });
  stand.clock.advance(24 * 3600);
  await stand.messages();
  await stand.parts.recoveries.due();
  expect(await stand.states(broken.id)).toEqual(['waiting']);
  expect(await stand.states(other.id)).toEqual(['ready']);
  expect(await stand.states(late.id)).toEqual(['expired']);
  stand.clock.advance(8 * 24 * 3600);
  await stand.parts.recoveries.due();
  expect(await stand.states(other.id)).toEqual(['expired']);
  const left = sql`DELETE FROM recoveries WHERE cancel_code = decode('00', 'hex') AND state = 'waiting'`;
  expect(await stand.database.execute(left)).toBe(201);
  await stand.messages();
});

test('what was locked while it waited is not recovered', async () => {
  const holder = await stand.aHolder(1);
  const held = await proven(holder, 'printed-code', 'passkey');
  await stand.parts.subscribers.lock(holder.id, 'authority_request', { kind: 'operator', id: newId() }, 'ref');
  expect(await stand.complete(held)).toMatchObject({ completed: false });
  expect(await stand.states(holder.id)).toEqual(['cancelled']);
});

test('two officers stand in for two methods, each with half of what goes on', async () => {
  const holder = await stand.aHolder(2);
  const { counter } = stand.parts.recoveries;
  const [intake, approver] = [newId(), newId()];
  const begun = await counter.begin({ subscriberId: holder.id, officer: intake, ground: 'counter_visit' });
  if (!begun.begun) throw new Error('not begun');
  const [waiting] = (await counter.waiting()).filter(({ subscriberId }) => subscriberId === holder.id);
  const id = waiting!.id;
  expect(await counter.confirm({ id, officer: intake })).toEqual({ confirmed: false, reason: 'same_officer' });
  const confirmed = await counter.confirm({ id, officer: approver });
  if (!confirmed.confirmed) throw new Error(confirmed.reason);
  expect(await stand.parts.recoveries.standing(begun.half + begun.half)).toBeUndefined();
  await stand.messages();
  expect(await stand.complete(`${begun.half} ${confirmed.half}`)).toMatchObject({ completed: true });
  expect((await stand.parts.subscribers.find(holder.id))?.accountLevel).toBe(1);
});

describe('the database refuses', () => {
  const refused = (statement: Parameters<RecoveryStand['database']['execute']>[0], why: RegExp) =>
    expect(stand.database.execute(statement)).rejects.toThrow(why);
  let open: { id: string; subscriberId: string };
  beforeAll(async () => {
    const holder = await stand.aHolder(2);
    await stand.prove(holder, 'own-phone');
    const row = await stand.database.row<{ id: string }>(
      sql`SELECT id FROM recoveries WHERE subscriber_id = ${holder.id}`,
    );
    open = { id: row!.id, subscriberId: holder.id };
  });

  test('a step that skips another', () =>
    refused(
      sql`UPDATE recoveries SET state = 'completed', ended_at = now() WHERE id = ${open.id}`,
      /no recovery goes from half to completed/,
    ));
  test('waiting with one method', () =>
    refused(
      sql`UPDATE recoveries SET state = 'waiting', waits_until = now(), path = 'x' WHERE id = ${open.id}`,
      /two_methods_of_two_kinds/,
    ));
  test('two methods of one kind', () =>
    refused(
      sql`UPDATE recoveries SET state = 'waiting', waits_until = now(), path = 'x', second_method = 'second-phone',
      second_kind = 'phone' WHERE id = ${open.id}`,
      /two_methods_of_two_kinds/,
    ));
  test('a method under another’s kind', () =>
    refused(
      sql`UPDATE recoveries SET second_method = 'second-phone', second_kind = 'mail' WHERE id = ${open.id}`,
      /kinds_of_methods/,
    ));
  test('a second open recovery of one account that is more than a half', () =>
    refused(
      sql`INSERT INTO recoveries (id, subscriber_id, state, first_method, first_kind, cancel_hash, cancel_code, started_at, expires_at)
        SELECT gen_random_uuid(), subscriber_id, 'proven_one', first_method, first_kind, sha256(convert_to('x' || n, 'UTF8')), cancel_code,
          started_at, expires_at
        FROM recoveries, generate_series(1, 2) AS n WHERE id = ${open.id}`,
      /recoveries_one_open/,
    ));
  test('level 2 that counts again without a re-proofing', async () => {
    await stand.database.execute(
      sql`UPDATE subscribers SET reproofing_required_since = now() WHERE id = ${open.subscriberId}`,
    );
    await refused(
      sql`UPDATE subscribers SET reproofing_required_since = NULL WHERE id = ${open.subscriberId}`,
      /only after a re-proofing/,
    );
  });
  test('anything after an end', async () => {
    await stand.database.execute(
      sql`UPDATE recoveries SET state = 'cancelled', ended_at = now() WHERE id = ${open.id}`,
    );
    await refused(
      sql`UPDATE recoveries SET state = 'proven_one', ended_at = NULL WHERE id = ${open.id}`,
      /no recovery goes from cancelled/,
    );
  });
});
