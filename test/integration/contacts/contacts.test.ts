import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLockCodes } from '../../../src/domain/locks/index.ts';
import { SETTLES_AFTER_HOURS } from '../../../src/domain/subscribers/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { MAGIC, sandboxTelephones } from '../../../src/sandbox/index.ts';
import { anApplicant } from '../../support/people.ts';
import { type RecoveryStand, recoveryStand } from '../../support/recovery.ts';

const HOURS = 3_600;
const system = { kind: 'system' } as const;
const authority = { by: 'system' } as const;

describe('the telephone and the mailbox of an account', () => {
  let stand: RecoveryStand;
  beforeAll(async () => {
    stand = await recoveryStand();
  });
  afterAll(() => stand.end());

  /** The numbers of the sandbox's networks, each with another one of the same person. */
  const owned = Object.entries(sandboxTelephones()).flatMap(([phone, identityNumber]) => {
    const second = phone.replace('+84900000', '+84900001');
    return typeof identityNumber === 'string' && second !== phone && sandboxTelephones()[second] === identityNumber
      ? [{ phone, second, identityNumber }]
      : [];
  });
  let used = 0;
  async function someone(more: object = {}) {
    const own = owned[used]!;
    used += 1;
    const applicant = anApplicant({
      identityNumber: own.identityNumber,
      phone: own.phone,
      phoneVerified: true,
      ...more,
    });
    const registered = await stand.parts.subscribers.register(applicant, { by: system });
    if (!registered.registered) throw new Error(JSON.stringify(registered));
    return { ...own, id: registered.id };
  }
  const find = async (id: string) => (await stand.parts.subscribers.find(id))!;
  const endings: string[] = [];

  async function change(id: string, medium: 'sms' | 'mail', address: string) {
    const { contacts } = stand.parts;
    const common = { authority, medium, sessionKey: 'here' } as const;
    await stand.messages();
    const begun = await contacts.begin({ ...common, subscriber: await find(id), address, from: `10.0.0.${used}` });
    if (!begun.begun) return { confirmed: false, reason: begun.reason, again: async () => begun } as const;
    const code = String((await stand.messages()).find(({ to }) => to.address === address)?.values.code);
    const again = async () =>
      contacts.confirm({
        ...{ ...common, subscriber: await find(id), challenge: begun.challenge, code },
        ending: async () => {
          endings.push(id);
          return [];
        },
      });
    return { ...(await again()), again };
  }
  const told = async () => (await stand.messages()).map(({ kind, to }) => [kind, to.address]);

  test('a telephone in one’s own name takes the place of the old one, with the codes that went there; everybody hears of it', async () => {
    const { authenticators, subscribers } = stand.parts;
    const { id, phone, second } = await someone({ email: 'mot@sen.example', emailVerified: true });
    await authenticators.install(id, { kind: 'password', password: 'mưa rơi trên lá sen chiều nay' });
    await authenticators.install(id, { kind: 'message-otp', phone });
    expect(await change(id, 'sms', second)).toMatchObject({ confirmed: true });
    const heard = await told();
    for (const address of [phone, second, 'mot@sen.example'])
      expect(heard).toContainEqual(['contact_changed', address]);
    expect((await subscribers.locate(second))?.id).toBe(id);
    expect(await subscribers.locate(phone)).toBeUndefined();
    expect([await authenticators.codesTo(id, phone), await authenticators.codesTo(id, second)]).toEqual([false, true]);
    expect(endings, 'a factor has moved: what was open elsewhere ends').toEqual([id]);
    const events = await stand.parts.journal.query({
      subscriberId: id,
      types: ['contact.changed', 'authenticator.changed'],
    });
    expect(events.map(({ type }) => type).sort()).toEqual(['authenticator.changed', 'contact.changed']);
  });

  test('who is not its holder by the networks’ word does not get it, nor somebody whose number it is already; silence spends no code', async () => {
    const [one, other] = [await someone(), await someone()];
    expect(await change(one.id, 'sms', other.second)).toMatchObject({ confirmed: false, reason: 'not_own' });
    expect(await change(one.id, 'sms', '+84912345678')).toMatchObject({ confirmed: false, reason: 'not_own' });
    expect(await change(one.id, 'sms', one.phone)).toMatchObject({ confirmed: false, reason: 'already_known' });
    const silent = await change(one.id, 'sms', MAGIC.telephoneDown);
    expect(silent).toMatchObject({ confirmed: false, reason: 'silent' });
    expect(await silent.again()).toMatchObject({ confirmed: false, reason: 'silent' });
    // Somebody signed up with it before its holder came.
    const early = anApplicant({ phone: one.second });
    expect(await stand.parts.subscribers.register(early, { by: system })).toMatchObject({ registered: true });
    expect(await change(one.id, 'sms', one.second)).toMatchObject({ confirmed: false, reason: 'taken' });
    expect((await find(one.id)).phone).toBe(one.phone);
  });

  test('two codes at once: one of them counts, and the other is refused whole', async () => {
    const { id } = await someone({ email: 'hai@sen.example', emailVerified: true });
    const { contacts } = stand.parts;
    const common = { authority, medium: 'mail', sessionKey: 'here', ending: async () => [] } as const;
    const subscriber = await find(id);
    const answers = [];
    for (const address of ['a@sen.example', 'b@sen.example']) {
      await stand.messages();
      const begun = await contacts.begin({ ...common, subscriber, address, from: '10.1.0.1' });
      if (!begun.begun) throw new Error(begun.reason);
      const code = String((await stand.messages()).find(({ to }) => to.address === address)?.values.code);
      answers.push({ ...common, subscriber, challenge: begun.challenge, code });
    }
    stand.clock.advance(5);
    const done = await Promise.all(answers.map((answer) => contacts.confirm(answer)));
    expect(done.filter(({ confirmed }) => confirmed)).toHaveLength(1);
    expect(done.find(({ confirmed }) => !confirmed)).toMatchObject({ reason: 'expired' });
    const heard = (await told()).filter(([kind]) => kind === 'contact_changed');
    expect(heard).toHaveLength(3);
  });

  test('a changed address recovers nothing until the waiting time is over, and the former telephone still locks', async () => {
    const { recoveries, subscribers } = stand.parts;
    const { id, phone, second, identityNumber } = await someone();
    await change(id, 'sms', second);
    await change(id, 'mail', 'ba@sen.example');
    const sent = async (method: 'own-phone' | 'e-mail') => {
      await stand.messages();
      const address = `10.2.${Math.floor(Math.random() * 250)}.1`;
      const asked = await recoveries.ask({
        ...{ method, identifier: identityNumber, locale: 'vi' },
        sessionKey: newId(),
        address,
      });
      expect(asked.asked, 'as for anybody').toBe(true);
      return (await told()).filter(([kind]) => kind === 'recovery_code').map(([, to]) => to);
    };
    expect([await sent('own-phone'), await sent('e-mail')]).toEqual([[], []]);

    const locks = createLockCodes({
      ...{ database: stand.database, clock: stand.clock, subscribers },
      ...{ codes: recoveries.codes, addresses: recoveries.addresses },
    });
    const lockCode = async (): Promise<{ to: string[]; lock: () => Promise<unknown> }> => {
      await stand.messages();
      const asked = { identifier: identityNumber, phone: 'own', sessionKey: newId() } as const;
      const begun = await locks.ask({ ...asked, from: '10.3.0.1', locale: 'vi' });
      if (!begun.sent) throw new Error('throttled');
      const messages = (await stand.messages()).filter(({ kind }) => kind === 'lock_code');
      const code = String(messages[0]?.values.code);
      return {
        to: messages.map(({ to }) => to.address),
        lock: () => locks.lock({ ...asked, challenge: begun.challenge, code }),
      };
    };
    const early = await lockCode();
    expect(early.to).toEqual([phone]);

    stand.clock.advance(SETTLES_AFTER_HOURS * HOURS - 60);
    expect(await sent('own-phone')).toEqual([]);
    stand.clock.advance(120);
    expect([await sent('own-phone'), await sent('e-mail')]).toEqual([[second], ['ba@sen.example']]);
    const late = await lockCode();
    expect(late.to).toEqual([second]);
    expect(await late.lock()).toEqual({ locked: true });
  });

  test('the last address stays, and so does one that codes go to; the other goes and hears of it', async () => {
    const { contacts, authenticators } = stand.parts;
    const { id, phone } = await someone();
    const remove = async (medium: 'sms' | 'mail') => contacts.remove({ subscriber: await find(id), authority, medium });
    expect(await remove('mail')).toEqual({ removed: false, reason: 'unknown' });
    expect(await remove('sms')).toEqual({ removed: false, reason: 'last_address' });
    await change(id, 'mail', 'bon@sen.example');
    await authenticators.install(id, { kind: 'message-otp', phone });
    expect(await remove('sms')).toEqual({ removed: false, reason: 'in_use' });
    await stand.messages();
    expect(await remove('mail')).toEqual({ removed: true });
    expect((await told()).sort()).toEqual([
      ['contact_removed', phone],
      ['contact_removed', 'bon@sen.example'],
    ]);
    expect((await find(id)).email).toBeUndefined();
  });

  test('without a fresh proof nothing is begun, confirmed or removed', async () => {
    const { contacts, authenticators } = stand.parts;
    const { id } = await someone();
    await authenticators.install(id, { kind: 'password', password: 'mưa rơi trên lá sen chiều nay' });
    const common = { subscriber: await find(id), authority: { by: 'subscriber', proofs: [] }, medium: 'mail' } as const;
    const refused = { reason: 'step_up_needed' };
    expect(
      await contacts.begin({ ...common, sessionKey: 'here', address: 'nam@sen.example', from: '10.4.0.1' }),
    ).toMatchObject(refused);
    const answer = { ...common, sessionKey: 'here', challenge: 'x', code: '12345678', ending: async () => [] };
    expect(await contacts.confirm(answer)).toMatchObject(refused);
    expect(await contacts.remove(common)).toMatchObject(refused);
  });
});
