import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Proof } from '../../../src/domain/assurance/index.ts';
import type { Authority, SubscriberToBind } from '../../../src/domain/authenticators/index.ts';
import { newId, tokenHash } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  ADDRESS,
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  bindPasskey,
  LONG_PASSWORD,
  RP,
  signInByPasskey,
  signInByPassword,
} from '../../support/authenticators.ts';
import { freshDatabase } from '../../support/database.ts';
import { softwarePasskey } from '../../support/software-passkey.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const SYSTEM: Authority = { by: 'system' };

describe('binding and unbinding', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  const statements: string[] = [];
  beforeAll(async () => {
    fresh = await freshDatabase({ onStatement: (text) => statements.push(text) });
    part = authenticatorsOn(fresh.database);
  });
  afterAll(() => fresh.end());

  const bindPassword = (subscriber: SubscriberToBind, password: string, authority: Authority = SYSTEM) =>
    part.authenticators.bind({ kind: 'password', sessionKey: newId(), subscriber, authority, response: { password } });
  const proofOf = (kind: Proof['kind'], authenticatorId: string): Proof => ({
    kind,
    authenticatorId,
    at: part.clock.now().getTime() / 1000,
    userVerified: true,
  });

  test('a bound passkey is journalled and announced, and signs in', async () => {
    const subscriber = aBinder();
    const { passkey, authenticator } = await bindPasskey(part, subscriber);
    expect(authenticator).toMatchObject({ kind: 'passkey', name: 'passkey', status: 'active' });
    expect(part.changes.at(-1)).toEqual({
      change: 'bound',
      subscriberId: subscriber.id,
      kind: 'passkey',
      name: 'passkey',
    });
    expect(part.events.at(-1)).toMatchObject({
      type: 'authenticator.bound',
      subscriberId: subscriber.id,
      detail: { kind: 'passkey', authenticator: authenticator.id },
    });
    expect(await signInByPasskey(part, passkey)).toMatchObject({ verified: true, subscriberId: subscriber.id });
  });

  test('a provider that holds a passkey of the account is not asked for a second one', async () => {
    const subscriber = aBinder();
    const { passkey } = await bindPasskey(part, subscriber);
    await expect(bindPasskey(part, subscriber, passkey)).rejects.toThrow('InvalidStateError');
  });

  test('a credential belongs to one account', async () => {
    const begin = async (subscriber: SubscriberToBind) => {
      const common = { kind: 'passkey', sessionKey: newId(), subscriber, authority: SYSTEM } as const;
      const begun = await part.authenticators.begin({ ...common, purpose: 'bind' });
      if (!begun.begun) throw new Error(begun.reason);
      return { ...common, challengeId: begun.challengeId ?? '', request: begun.request as never };
    };
    const [mine, theirs] = [await begin(aBinder()), await begin(aBinder())];
    const passkey = softwarePasskey(RP);
    const response = passkey.create(mine.request);
    const again = softwarePasskey(RP).create(theirs.request);
    // The same credential id in an attestation of their own.
    const [id] = passkey.credentials;
    const swap = (text: string): string =>
      Buffer.from(
        Buffer.from(text, 'base64url')
          .toString('latin1')
          .replace(
            Buffer.from(again.id, 'base64url').toString('latin1'),
            Buffer.from(id?.id ?? '', 'base64url').toString('latin1'),
          ),
        'latin1',
      ).toString('base64url');
    const copied = {
      ...again,
      id: response.id,
      rawId: response.id,
      response: { ...again.response, attestationObject: swap(again.response.attestationObject) },
    };
    expect(await part.authenticators.bind({ ...mine, response })).toMatchObject({ verified: true });
    expect(await part.authenticators.bind({ ...theirs, response: copied })).toEqual({
      verified: false,
      reason: 'already_bound',
    });
  });

  test('the card that was read at a counter is bound beside it, and once: whoever bound it before they came back keeps it', async () => {
    const card = { issuingState: 'VNM', documentNumber: '197008888', expiresOn: '2039-08-12', key: 'cd'.repeat(32) };
    const subscriber = aBinder();
    const bindBeside = async (name: string) => {
      const common = { kind: 'passkey', sessionKey: newId(), subscriber, authority: SYSTEM, name } as const;
      const begun = await part.authenticators.begin({ ...common, purpose: 'bind' });
      if (!begun.begun) throw new Error(begun.reason);
      const response = softwarePasskey(RP).create(begun.request as never);
      const along = { lost: [], card, writes: async () => [] };
      return part.authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response, along });
    };
    const cards = async () => (await part.authenticators.of(subscriber.id)).filter(({ kind }) => kind === 'chip-card');
    const told = () => part.changes.filter((one) => one.subscriberId === subscriber.id && one.kind === 'chip-card');
    expect(await bindBeside('first')).toMatchObject({ verified: true });
    const [first, ...none] = await cards();
    expect([first?.status, none, told().length]).toEqual(['active', [], 1]);
    expect(await bindBeside('second')).toMatchObject({ verified: true });
    expect([(await cards()).map(({ id }) => id), told().length]).toEqual([[first!.id], 1]);
    expect(await part.authenticators.of(subscriber.id)).toHaveLength(3);
  });

  test('a password is refused with the reason', async () => {
    const subscriber = aBinder();
    const reasons = async (password: string) => {
      const verdict = await bindPassword(subscriber, password);
      return verdict.verified ? 'bound' : verdict.reason;
    };
    expect(await reasons('14 characters!')).toBe('too_short');
    expect(await reasons('matkhaumatkhau123')).toBe('too_common');
    expect(await reasons('LeThiSen30041990')).toBe('own_data');
    expect(await reasons('a b c d '.repeat(600))).toBe('too_long');
    expect(await part.authenticators.of(subscriber.id)).toEqual([]);
    expect(await reasons(LONG_PASSWORD)).toBe('bound');
  });

  test('with a second factor eight characters do, and then the second factor stays', async () => {
    const subscriber = aBinder();
    const totp = await part.authenticators.install(subscriber.id, { kind: 'totp', secret: SECRET });
    const verdict = await bindPassword(subscriber, 'vx7-quaz');
    expect(verdict).toMatchObject({ verified: true, authenticator: { password: { alone: false } } });
    const unbound = await part.authenticators.unbind({
      subscriberId: subscriber.id,
      accountLevel: 1,
      authenticatorId: totp.id,
      authority: SYSTEM,
    });
    expect(unbound).toEqual({ unbound: false, reason: 'password_needs_second_factor' });
  });

  test('a changed password ends other sessions, is announced, and the old one no longer signs in', async () => {
    const subscriber = aBinder();
    expect(await bindPassword(subscriber, LONG_PASSWORD)).toMatchObject({ verified: true, endsOtherSessions: false });
    const [password] = await part.authenticators.of(subscriber.id);
    const authority: Authority = { by: 'subscriber', proofs: [proofOf('password', password?.id ?? '')] };
    const next = 'một câu khác hẳn, dài hơn';
    expect(await bindPassword(subscriber, next, authority)).toMatchObject({
      verified: true,
      endsOtherSessions: true,
      authenticator: { id: password?.id },
    });
    expect(part.changes.at(-1)).toMatchObject({ change: 'changed', subscriberId: subscriber.id });
    const account = { subscriberId: subscriber.id };
    expect(await signInByPassword(part, account, LONG_PASSWORD)).toMatchObject({ verified: false });
    expect(await signInByPassword(part, account, next)).toMatchObject({ verified: true });
  });

  test('an authenticator app is bound by a code of the secret that the page showed', async () => {
    const subscriber = aBinder();
    const common = { kind: 'totp', sessionKey: newId(), subscriber, authority: SYSTEM } as const;
    const begun = await part.authenticators.begin({ ...common, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const { secret, uri } = begun.request as { secret: string; uri: string };
    expect(uri).toMatch(/^otpauth:\/\/totp\/SenID:.*secret=[A-Z2-7]{32}.*digits=6&period=30$/);
    const timestamp = part.clock.now().getTime();
    const code = new TOTP({ secret }).generate({ timestamp });
    const bind = (given: string) =>
      part.authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response: { code: given } });
    expect(await bind(code === '000000' ? '111111' : '000000')).toEqual({ verified: false, reason: 'wrong' });
    expect(await bind(code)).toMatchObject({ verified: true, authenticator: { kind: 'totp' } });
    const replay = { kind: 'totp', sessionKey: newId(), subscriberId: subscriber.id, address: ADDRESS } as const;
    expect(await part.authenticators.answer({ ...replay, response: { code } })).toEqual({
      verified: false,
      reason: 'replayed',
    });
  });

  test('a telephone is bound by the code that was sent to it, within five answers', async () => {
    const subscriber = aBinder({ phone: '+84900000321' });
    const common = { kind: 'message-otp', sessionKey: newId(), subscriber, authority: SYSTEM } as const;
    const begin = async () => {
      const begun = await part.authenticators.begin({ ...common, purpose: 'bind', address: ADDRESS });
      if (!begun.begun) throw new Error(begun.reason);
      const code = part.messages.at(-1)?.code ?? '';
      return { code, wrong: code === '000000' ? '111111' : '000000', challengeId: begun.challengeId ?? '' };
    };
    const bind = ({ challengeId }: { challengeId: string }, code: string) =>
      part.authenticators.bind({ ...common, challengeId, response: { code } });
    const first = await begin();
    for (let round = 0; round < 5; round += 1)
      expect(await bind(first, first.wrong)).toMatchObject({ reason: 'wrong' });
    expect(await bind(first, first.code)).toEqual({ verified: false, reason: 'expired' });
    const second = await begin();
    expect(await bind(second, second.code)).toMatchObject({
      verified: true,
      authenticator: { message: { to: '•••• 321' } },
    });
    expect(await bind(second, second.code)).toMatchObject({ verified: false, reason: 'replayed' });
  });

  test('the last authenticator, and the last passkey of a level 2 account, stay', async () => {
    const subscriber = aBinder();
    await bindPassword(subscriber, LONG_PASSWORD);
    const first = await bindPasskey(part, subscriber);
    const unbind = (authenticatorId: string, accountLevel: 1 | 2) =>
      part.authenticators.unbind({ subscriberId: subscriber.id, accountLevel, authenticatorId, authority: SYSTEM });
    expect(await unbind(first.authenticator.id, 2)).toEqual({ unbound: false, reason: 'last_strong' });
    const second = await bindPasskey(part, subscriber);
    expect(await unbind(first.authenticator.id, 2)).toMatchObject({ unbound: true, endsOtherSessions: true });
    expect(await signInByPasskey(part, first.passkey)).toMatchObject({ verified: false, reason: 'wrong' });
    expect(await unbind(second.authenticator.id, 1)).toMatchObject({ unbound: true });
    const [password] = await part.authenticators.of(subscriber.id);
    expect(await unbind(password?.id ?? '', 1)).toEqual({ unbound: false, reason: 'last_one' });
    expect(await unbind(newId(), 1)).toEqual({ unbound: false, reason: 'unknown' });
  });

  describe('what ends with a change', () => {
    /** The caller's writes, told apart by the text of the statement, and whether they were asked for. */
    const anEnding = (lost?: () => Error) => {
      const asked = { times: 0 };
      const statement = lost
        ? sql`UPDATE spent_challenges SET expires_at = expires_at WHERE false`
        : sql`INSERT INTO spent_challenges (hash, expires_at) VALUES (sha256(${newId()}::bytea), now())`;
      const ending = async () => {
        asked.times += 1;
        return [{ statement, ...(lost ? { lost } : {}) }];
      };
      return { asked, ending };
    };

    test('an unbound authenticator is one statement with it, and is undone with it', async () => {
      const subscriber = aBinder();
      await bindPassword(subscriber, LONG_PASSWORD);
      const { authenticator } = await bindPasskey(part, subscriber);
      const unbind = ({ ending }: ReturnType<typeof anEnding>, authenticatorId = authenticator.id) =>
        part.authenticators.unbind({
          ...{ subscriberId: subscriber.id, accountLevel: 1, authenticatorId, authority: SYSTEM, ending },
        });
      const failing = anEnding(() => new Error('the session is gone'));
      await expect(unbind(failing)).rejects.toThrow('the session is gone');
      expect(await part.authenticators.of(subscriber.id)).toHaveLength(2);
      statements.length = 0;
      const ending = anEnding();
      expect(await unbind(ending)).toEqual({ unbound: true, endsOtherSessions: true });
      expect(ending.asked.times).toBe(1);
      const writing = statements.filter((text) => /DELETE FROM authenticators|INTO spent_challenges/.test(text));
      expect(writing).toEqual([expect.stringMatching(/DELETE FROM authenticators.*INTO spent_challenges/s)]);
      const refused = anEnding();
      expect(await unbind(refused, newId())).toMatchObject({ unbound: false });
      expect(refused.asked.times).toBe(0);
    });

    test('a changed password is one statement with it; a first one ends nothing', async () => {
      const subscriber = aBinder();
      const bind = (password: string, { ending }: ReturnType<typeof anEnding>) =>
        part.authenticators.bind({
          ...{ kind: 'password', sessionKey: newId(), subscriber, authority: SYSTEM, response: { password }, ending },
        });
      const first = anEnding();
      expect(await bind(LONG_PASSWORD, first)).toMatchObject({ verified: true, endsOtherSessions: false });
      expect(first.asked.times).toBe(0);
      const failing = anEnding(() => new Error('the session is gone'));
      await expect(bind('một câu khác hẳn, dài hơn', failing)).rejects.toThrow('the session is gone');
      expect(await signInByPassword(part, { subscriberId: subscriber.id }, LONG_PASSWORD)).toMatchObject({
        verified: true,
      });
      statements.length = 0;
      const second = anEnding();
      expect(await bind('một câu khác hẳn, dài hơn', second)).toMatchObject({ endsOtherSessions: true });
      const writing = statements.filter((text) => /UPDATE authenticators|INTO spent_challenges/.test(text));
      expect(writing).toEqual([expect.stringMatching(/UPDATE authenticators.*INTO spent_challenges/s)]);
    });
  });

  test('a credential belongs to one account, and is free again once its passkey was removed', async () => {
    const [owner, other] = [aBinder(), aBinder()];
    await bindPassword(owner, LONG_PASSWORD);
    const { passkey, authenticator } = await bindPasskey(part, owner);
    const locators = (subscriberId: string) =>
      fresh.database.rows<{ locator: Buffer }>(
        sql`SELECT locator FROM passkey_locators WHERE subscriber_id = ${subscriberId}`,
      );
    const [mine] = await locators(owner.id);
    expect(mine?.locator).toEqual(tokenHash(passkey.credentials[0]?.id ?? ''));

    const common = { kind: 'passkey', sessionKey: newId(), subscriber: other, authority: SYSTEM } as const;
    const begun = await part.authenticators.begin({ ...common, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const second = softwarePasskey({ ...RP, backedUp: true });
    const response = second.create(begun.request as never);
    // The owner's passkey calls itself by the very same id.
    const taken = tokenHash(second.credentials[0]?.id ?? '');
    await fresh.database.execute(sql`UPDATE passkey_locators SET locator = ${taken} WHERE locator = ${mine?.locator}`);
    const bind = () => part.authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response });
    expect(await bind()).toEqual({ verified: false, reason: 'already_bound' });
    expect(await part.authenticators.of(other.id)).toEqual([]);

    await fresh.database.execute(sql`UPDATE passkey_locators SET locator = ${mine?.locator} WHERE locator = ${taken}`);
    const request = { subscriberId: owner.id, accountLevel: 1, authenticatorId: authenticator.id } as const;
    expect(await part.authenticators.unbind({ ...request, authority: SYSTEM })).toMatchObject({ unbound: true });
    expect(await locators(owner.id)).toEqual([]);
    expect(await signInByPasskey(part, passkey)).toMatchObject({ verified: false, reason: 'wrong' });
  });

  test('of two passkeys that are removed at the same moment one stays', async () => {
    const subscriber = aBinder();
    const bound = [await bindPasskey(part, subscriber), await bindPasskey(part, subscriber)];
    const outcomes = await Promise.all(
      bound.map(({ authenticator }) =>
        part.authenticators.unbind({
          subscriberId: subscriber.id,
          accountLevel: 2,
          authenticatorId: authenticator.id,
          authority: SYSTEM,
        }),
      ),
    );
    expect(outcomes.filter(({ unbound }) => unbound)).toHaveLength(1);
    expect(await part.authenticators.of(subscriber.id)).toHaveLength(1);
  });

  test('a name is normalised, bounded, and changed by its owner only', async () => {
    const subscriber = aBinder();
    const { authenticator } = await bindPasskey(part, subscriber);
    const rename = (subscriberId: string, name: string) =>
      part.authenticators.rename({ subscriberId, authenticatorId: authenticator.id, name, authority: SYSTEM });
    expect(await rename(subscriber.id, ' Điện thoại của mẹ '.normalize('NFD'))).toEqual({ renamed: true });
    expect((await part.authenticators.of(subscriber.id))[0]?.name).toBe('Điện thoại của mẹ');
    expect(await rename(newId(), 'mine')).toEqual({ renamed: false, reason: 'unknown' });
    for (const name of ['   ', 'x'.repeat(61)])
      expect(await rename(subscriber.id, name)).toEqual({ renamed: false, reason: 'malformed' });
    expect((await part.authenticators.of(subscriber.id))[0]?.name).toBe('Điện thoại của mẹ');
  });

  test('an attestation with certificates is refused: their revocation lists would be fetched', async () => {
    const subscriber = aBinder();
    const common = { kind: 'passkey', sessionKey: newId(), subscriber, authority: SYSTEM } as const;
    const begun = await part.authenticators.begin({ ...common, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const made = softwarePasskey(RP).create(begun.request as never);
    const plain = Buffer.from(made.response.attestationObject, 'base64url');
    const none = Buffer.from('63666d74646e6f6e656761747453746d74a0', 'hex');
    // fmt "packed", attStmt {alg: -7, sig: h'00', x5c: [h'00']}
    const packed = Buffer.from('63666d74667061636b65646761747453746d74a363616c672663736967410063783563814100', 'hex');
    const at = plain.indexOf(none);
    expect(at).toBeGreaterThan(0);
    const attestationObject = Buffer.concat([plain.subarray(0, at), packed, plain.subarray(at + none.length)]);
    const response = {
      ...made,
      response: { ...made.response, attestationObject: attestationObject.toString('base64url') },
    };
    expect(await part.authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response })).toEqual({
      verified: false,
      reason: 'wrong',
    });
  });

  test('what has expired is swept', async () => {
    const mine = authenticatorsOn(fresh.database, { clock: part.clock });
    const { passkey } = await bindPasskey(mine, aBinder());
    await signInByPasskey(mine, passkey);
    part.clock.advance(40 * 86_400);
    expect(await mine.authenticators.sweep()).toBeGreaterThan(0);
    expect(await mine.authenticators.sweep()).toBe(0);
    expect(await signInByPasskey(mine, passkey)).toMatchObject({ verified: true });
  });
});
