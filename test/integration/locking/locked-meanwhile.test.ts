import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContacts } from '../../../src/domain/contacts/index.ts';
import { createUnlocks } from '../../../src/domain/locks/index.ts';
import { createAddressStore } from '../../../src/domain/recovery/address-store.ts';
import { createRecoveryAddresses } from '../../../src/domain/recovery/addresses.ts';
import { newId } from '../../../src/platform/ids.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { testSealer } from '../../support/people.ts';
import { type Holder, type RecoveryStand, recoveryStand } from '../../support/recovery.ts';
import {
  type CreationOptions,
  type RequestOptions,
  type SoftwarePasskey,
  softwarePasskey,
} from '../../support/software-passkey.ts';

describe('what was allowed when it began, and is acted on after the account was locked', () => {
  let stand: RecoveryStand;
  beforeAll(async () => {
    stand = await recoveryStand();
  });
  afterAll(() => stand.end());

  async function proofOf(passkey: SoftwarePasskey) {
    const { authenticators } = stand.parts;
    const asked = { kind: 'passkey', sessionKey: newId(), address: '10.0.0.9' } as const;
    const begun = await authenticators.begin({ ...asked, purpose: 'sign-in', locale: 'vi', holderVerified: true });
    if (!begun.begun) throw new Error(begun.reason);
    const response = passkey.get(begun.request as RequestOptions);
    const verdict = await authenticators.answer({ ...asked, challengeId: begun.challengeId ?? '', response });
    if (!verdict.verified) throw new Error(verdict.reason);
    return verdict.proof;
  }
  const authorityOf = async ({ passkey }: Holder) => ({ by: 'subscriber', proofs: [await proofOf(passkey)] }) as const;
  const lock = ({ id }: Holder) => stand.parts.subscribers.lock(id, 'holder_request', { kind: 'claimant' });
  const passkeyOf = async ({ id }: Holder): Promise<string> =>
    (await stand.parts.authenticators.of(id)).find(({ kind }) => kind === 'passkey')!.id;
  const freeze = async (holder: Holder): Promise<void> =>
    writeTogether(stand.database, await stand.parts.authenticators.freeze(holder.id, [await passkeyOf(holder)]));
  const codeTo = async (address: string): Promise<string> =>
    String((await stand.messages()).find(({ to }) => to.address === address)?.values.code);
  const unlocks = () => {
    const { subscribers, authenticators, policies } = stand.parts;
    return createUnlocks({ clock: stand.clock, subscribers, authenticators, policy: policies.inForce });
  };

  test.each([
    ['the account is locked', lock],
    ['the passkey that proved it is frozen', freeze],
    ['nothing happens', async () => {}],
  ] as const)('the networks are asked about a telephone, and meanwhile %s', async (what, happen) => {
    const { authenticators, recoveries, journal, notices, subscribers } = stand.parts;
    const holder = await stand.aHolder(1);
    const [phone = ''] = holder.addresses;
    await authenticators.install(holder.id, { kind: 'message-otp', phone });
    const authority = await authorityOf(holder);
    const contacts = createContacts({
      ...{ journal, notices, subscribers, authenticators, addresses: recoveries.addresses, codes: recoveries.codes },
      telephone: {
        ownership: async () => {
          await happen(holder);
          return { ownership: 'holder', asOf: stand.clock.now() };
        },
      },
    });
    const address = `+84988000${String(phone).slice(-3)}`;
    const subscriber = (await subscribers.find(holder.id))!;
    const common = { subscriber, authority, medium: 'sms', sessionKey: 'here' } as const;
    const begun = await contacts.begin({ ...common, address, from: '10.4.0.1' });
    if (!begun.begun) throw new Error(begun.reason);
    const answer = { ...common, challenge: begun.challenge, code: await codeTo(address), ending: async () => [] };
    const refused = what !== 'nothing happens';
    expect(await contacts.confirm(answer)).toEqual(
      refused ? { confirmed: false, reason: 'step_up_needed' } : { confirmed: true },
    );
    expect((await subscribers.find(holder.id))?.phone).toBe(refused ? phone : address);
    expect(await authenticators.codesTo(holder.id, address)).toBe(!refused);
    expect((await stand.messages()).some(({ kind }) => kind === 'contact_changed')).toBe(!refused);
  });

  test('an address for recoveries is neither taken nor taken away on an account that was locked meanwhile', async () => {
    const { authenticators, recoveries, journal, notices, subscribers } = stand.parts;
    const address = 'ke-gian@sen.example';
    for (const act of ['confirm', 'remove'] as const) {
      const holder = await stand.aHolder(1);
      let happens = false;
      // Between the question and the act every address of the person is read.
      const kept = createAddressStore(testSealer('recovery'));
      const of: typeof kept.of = async () => {
        if (happens) await lock(holder);
        return [{ medium: 'mail', address: 'cu@sen.example', confirmedAt: stand.clock.now() }];
      };
      const addresses = createRecoveryAddresses({
        ...{ database: stand.database, clock: stand.clock, journal, notices, authenticators, codes: recoveries.codes },
        store: { ...kept, of },
      });
      const subscriber = (await subscribers.find(holder.id))!;
      const common = { subscriber, authority: await authorityOf(holder), medium: 'mail', sessionKey: 'here' } as const;
      const begun = await addresses.begin({ ...common, address, from: '10.4.0.2' });
      if (!begun.begun) throw new Error(begun.reason);
      const answer = { ...common, challenge: begun.challenge, code: await codeTo(address) };
      happens = true;
      expect(await addresses[act](answer)).toMatchObject({ reason: 'step_up_needed' });
      const [, , , mailbox] = holder.addresses;
      const mail = (await recoveries.addresses.of(holder.id)).find(({ medium }) => medium === 'mail');
      expect(mail?.address).toBe(mailbox);
    }
  });

  test('a passkey is not bound to an account that was locked after the question, and opens nothing', async () => {
    const { authenticators, subscribers } = stand.parts;
    for (const locked of [true, false]) {
      const holder = await stand.aHolder(1);
      const subscriber = { id: holder.id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] } as const;
      const common = {
        kind: 'passkey',
        sessionKey: newId(),
        subscriber,
        authority: await authorityOf(holder),
      } as const;
      const begun = await authenticators.begin({ ...common, purpose: 'bind' });
      if (!begun.begun) throw new Error(begun.reason);
      const theirs = softwarePasskey({ rpId: 'localhost', origin: 'http://localhost:3999', backedUp: true });
      const response = theirs.create(begun.request as CreationOptions);
      const along = {
        lost: [],
        writes: async () => {
          if (locked) await lock(holder);
          return [];
        },
      };
      const bound = await authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response, along });
      expect(bound).toMatchObject(locked ? { verified: false, reason: 'step_up_needed' } : { verified: true });
      const passkeys = (await authenticators.of(holder.id)).filter(({ kind }) => kind === 'passkey');
      expect(passkeys).toHaveLength(locked ? 1 : 2);
      expect((await subscribers.find(holder.id))?.state).toBe(locked ? 'locked' : 'active');
    }
  });

  test('nothing is unbound from an account that was locked after the question', async () => {
    const { authenticators } = stand.parts;
    const holder = await stand.aHolder(1);
    const sheet = (await authenticators.of(holder.id)).find(({ kind }) => kind === 'recovery-code')!;
    const unbound = await authenticators.unbind({
      ...{ subscriberId: holder.id, accountLevel: 1, authenticatorId: sheet.id, authority: await authorityOf(holder) },
      ending: async () => {
        await lock(holder);
        return [];
      },
    });
    expect(unbound).toEqual({ unbound: false, reason: 'step_up_needed' });
    expect((await authenticators.of(holder.id)).map(({ id }) => id)).toContain(sheet.id);
  });

  test('what came to the account after its owner had locked it does not open that lock; what was there before does', async () => {
    const { authenticators, subscribers } = stand.parts;
    const holder = await stand.aHolder(1);
    await lock(holder);
    stand.clock.advance(60);
    const subscriber = { id: holder.id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] } as const;
    const common = { kind: 'passkey', sessionKey: newId(), subscriber, authority: { by: 'system' } } as const;
    const begun = await authenticators.begin({ ...common, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const later = softwarePasskey({ rpId: 'localhost', origin: 'http://localhost:3999', backedUp: true });
    const response = later.create(begun.request as CreationOptions);
    const bound = await authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response });
    expect(bound.verified).toBe(true);
    expect(await unlocks().unlock(holder.id, [await proofOf(later)])).toMatchObject({ outcome: 'more' });
    expect((await subscribers.find(holder.id))?.state).toBe('locked');
    expect(await unlocks().unlock(holder.id, [await proofOf(holder.passkey)])).toMatchObject({ outcome: 'unlocked' });
  });
});
