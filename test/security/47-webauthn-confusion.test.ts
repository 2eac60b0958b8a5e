import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import {
  ADDRESS,
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  bindPasskey,
  RP,
  signInByPasskey,
} from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';
import { type SoftwarePasskey, softwarePasskey, type Tampering } from '../support/software-passkey.ts';

const WRONG: readonly (readonly [string, Tampering])[] = [
  ['the origin of another site', { origin: 'https://senid.example.evil' }],
  ['our origin with another port', { origin: 'http://localhost:3001' }],
  ['our origin with another scheme', { origin: 'https://localhost:3000' }],
  ['our origin with a slash', { origin: 'http://localhost:3000/' }],
  ['a host that ends like ours', { origin: 'http://evil-localhost:3000' }],
  ['no origin', { origin: '' }],
  ['another RP ID', { rpId: 'evil.example' }],
  ['an RP ID above ours', { rpId: '' }],
  ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
  ['no challenge', { challenge: '' }],
  ['an unknown type', { type: 'webauthn.sign' }],
  ['a payment', { type: 'payment.get' }],
  ['a frame of another site', { crossOrigin: true }],
  ['a frame, named', { crossOrigin: true, topOrigin: 'https://evil.example' }],
  ['a top origin without a frame', { topOrigin: RP.origin }],
  ['nobody present', { userPresent: false, userVerified: false }],
  ['backed up without being eligible', { backupEligible: false, backedUp: true }],
];

describe('case 47: parts of a WebAuthn answer are confused', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  let synced: SoftwarePasskey;
  let device: SoftwarePasskey;
  beforeAll(async () => {
    fresh = await freshDatabase();
    part = authenticatorsOn(fresh.database);
    synced = (await bindPasskey(part, aBinder())).passkey;
    device = (await bindPasskey(part, aBinder(), softwarePasskey(RP))).passkey;
  });
  afterAll(() => fresh.end());

  // Each of these is refused hundreds of times: the budget of an address must not be what refuses.
  let address = 0;
  const from = (): string => {
    address += 1;
    return `10.${address >> 8}.${address % 256}.1`;
  };

  test.each([
    ...WRONG,
    ['the type of a registration', { type: 'webauthn.create' }],
    ['a forged signature', { forged: true }],
    ['another user handle', { userHandle: Buffer.alloc(32, 1).toString('base64url') }],
    ['no user handle, where nobody was named', { userHandle: null }],
    ['a synced passkey that calls itself device-bound', { backupEligible: false, backedUp: false }],
  ] as (readonly [string, Tampering])[])('signing in with %s is refused', async (_, tampering) => {
    expect(await signInByPasskey(part, synced, tampering, from())).toEqual({ verified: false, reason: 'wrong' });
  });

  test('a device-bound passkey that becomes eligible for backup is refused', async () => {
    for (const tampering of [{ backupEligible: true }, { backupEligible: true, backedUp: true }]) {
      expect(await signInByPasskey(part, device, tampering, from())).toEqual({ verified: false, reason: 'wrong' });
    }
    expect(await signInByPasskey(part, device, {}, from())).toMatchObject({ verified: true });
  });

  test('a synced passkey that is no longer backed up still signs in, and the account shows it', async () => {
    const { passkey, authenticator } = await bindPasskey(part, aBinder());
    expect(authenticator.passkey?.backedUp).toBe(true);
    expect(await signInByPasskey(part, passkey, { backupEligible: true, backedUp: false }, from())).toMatchObject({
      verified: true,
      authenticator: { passkey: { backedUp: false, deviceOnly: false } },
    });
  });

  test.each([
    ...WRONG,
    ['the type of a sign-in', { type: 'webauthn.get' }],
    ['nobody verified', { userVerified: false }],
  ] as (readonly [string, Tampering])[])('binding with %s is refused', async (_, tampering) => {
    const subscriber = aBinder();
    const common = { kind: 'passkey', sessionKey: newId(), subscriber, authority: { by: 'system' } } as const;
    const begun = await part.authenticators.begin({ ...common, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const response = softwarePasskey({ ...RP, backedUp: true }).create(begun.request as never, tampering);
    expect(await part.authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response })).toEqual({
      verified: false,
      reason: 'wrong',
    });
    expect(await part.authenticators.of(subscriber.id)).toEqual([]);
  });

  test('any byte changed in what was signed, or in the numbers of the signature, is refused', async () => {
    const sessionKey = newId();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('clientDataJSON' as const, 'authenticatorData' as const, 'signature' as const),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (member, place, mask) => {
          const begun = await part.authenticators.begin({ kind: 'passkey', sessionKey, purpose: 'sign-in' });
          if (!begun.begun) throw new Error(begun.reason);
          const honest = synced.get(begun.request as never);
          const bytes = Buffer.from(honest.response[member], 'base64url');
          // DER can be written in more than one way around the same r and s, which says nothing else: only the numbers.
          const at = member === 'signature' ? bytes.length - 1 - (place % 20) : place % bytes.length;
          bytes[at]! ^= mask;
          const response = { ...honest, response: { ...honest.response, [member]: bytes.toString('base64url') } };
          const verdict = await part.authenticators.answer({
            kind: 'passkey',
            sessionKey,
            challengeId: begun.challengeId ?? '',
            response,
            address: from(),
          });
          expect(verdict).toEqual({ verified: false, reason: 'wrong' });
        },
      ),
      { numRuns: 300 },
    );
    expect(await signInByPasskey(part, synced, {}, ADDRESS)).toMatchObject({ verified: true });
  });
});
