import { createHash, timingSafeEqual } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import type { Bound, VerificationAdapter } from '../adapter.ts';
import { isPlainAttestation } from './attestation.ts';
import {
  type Assertion,
  assertion,
  type PasskeyBinding,
  passkeyBinding,
  type Registration,
  registration,
  transports,
} from './passkey-wire.ts';

interface PasskeyExpected {
  readonly challenge: string;
  /** Nobody was named: the answer must then carry a user handle (WebAuthn §7.2, step 6). */
  readonly discoverable: boolean;
  /** Only when binding. */
  readonly handle?: string | undefined;
}

type PasskeyRequest = PublicKeyCredentialRequestOptionsJSON | PublicKeyCredentialCreationOptionsJSON;

const CHALLENGE_BYTES = 32;
const MINUTES = 5;
// COSE algorithms, what we like best first: ES256, EdDSA, RS256 (every platform has one of them).
const ALGORITHMS = [-7, -8, -257];

const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);
const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> => bytes(Buffer.from(text, 'base64url'));

/** Passkeys (WebAuthn Level 3), discoverable, so that autofill signs in without an identifier. */
export function createPasskeyAdapter(parts: {
  relyingPartyId: string;
  relyingPartyName: string;
  origin: string;
}): VerificationAdapter<PasskeyBinding, PasskeyExpected, PasskeyRequest, Assertion, Registration> {
  const { relyingPartyId, relyingPartyName, origin } = parts;
  const descriptors = (bound: readonly Bound<PasskeyBinding>[]) =>
    bound.map(({ binding }) => ({ id: binding.credentialId, transports: [...binding.transports] }));

  return {
    kind: 'passkey',
    factors: ['have'],
    amr: ['pop', 'user'],
    phishingResistant: true,
    single: false,
    challenged: { toBind: true, toVerify: true },
    lifetime: MINUTES * 60,
    answersPerChallenge: 1,
    guessable: false,
    binding: passkeyBinding,
    expected: z.object({ challenge: z.string(), discoverable: z.boolean(), handle: z.string().optional() }),
    response: assertion,
    responseToBind: registration,

    async challengeToBind(subscriber, bound, random) {
      const challenge = random(CHALLENGE_BYTES);
      const request = await generateRegistrationOptions({
        rpID: relyingPartyId,
        rpName: relyingPartyName,
        userID: bytes(subscriber.handle),
        userName: subscriber.label,
        userDisplayName: subscriber.displayName,
        challenge: bytes(challenge),
        timeout: MINUTES * 60_000,
        attestationType: 'none',
        excludeCredentials: descriptors(bound),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: ALGORITHMS,
      });
      const handle = subscriber.handle.toString('base64url');
      return { expected: { challenge: request.challenge, discoverable: false, handle }, request };
    },

    async bind({ challenge, handle }, response) {
      try {
        // Only formats without certificates: verifying a chain would fetch the revocation lists that the claimant names.
        if (
          !isPlainAttestation(fromBase64Url(response.response.attestationObject)) ||
          framed(response.response.clientDataJSON)
        ) {
          return { verified: false, reason: 'wrong' };
        }
        const { verified, registrationInfo: made } = await verifyRegistrationResponse({
          response,
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: relyingPartyId,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        });
        if (!verified || made.credential.id !== response.id) return { verified: false, reason: 'wrong' };
        return {
          verified: true,
          binding: {
            credentialId: made.credential.id,
            publicKey: Buffer.from(made.credential.publicKey).toString('base64url'),
            counter: made.credential.counter,
            transports: transports(response.response.transports),
            aaguid: made.aaguid,
            backupEligible: made.credentialDeviceType === 'multiDevice',
            backedUp: made.credentialBackedUp,
            handle: handle ?? '',
          },
        };
      } catch {
        // The library throws for every check that fails, and for bytes it cannot read.
        return { verified: false, reason: 'wrong' };
      }
    },

    async challenge(bound, random, _locale, holderVerified = false) {
      const request = await generateAuthenticationOptions({
        rpID: relyingPartyId,
        challenge: bytes(random(CHALLENGE_BYTES)),
        timeout: MINUTES * 60_000,
        // One factor is better than nobody at all: a device that cannot verify its holder now opens what asks for no more.
        userVerification: holderVerified ? 'required' : 'preferred',
        allowCredentials: descriptors(bound),
      });
      return { expected: { challenge: request.challenge, discoverable: bound.length === 0 }, request };
    },

    async verify({ id, binding }, { challenge, discoverable }, response) {
      try {
        if (framed(response.response.clientDataJSON)) return { verified: false, reason: 'wrong' };
        const { userHandle, ...signed } = response.response;
        const { verified, authenticationInfo: seen } = await verifyAuthenticationResponse({
          response: { ...response, response: signed },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: relyingPartyId,
          // The flag is recorded and the policy says what it is worth, whatever the page was told to ask for.
          requireUserVerification: false,
          credential: {
            id: binding.credentialId,
            publicKey: fromBase64Url(binding.publicKey),
            // Bites only where either value is above 0 (synced passkeys count nothing; WebAuthn §7.2, step 22).
            counter: binding.counter,
          },
        });
        const backupEligible = seen.credentialDeviceType === 'multiDevice';
        if (
          !verified ||
          response.id !== binding.credentialId ||
          // Backup eligibility never changes (WebAuthn §6.1.3): a flip means another key holder.
          backupEligible !== binding.backupEligible ||
          !ownHandle(userHandle, binding.handle, discoverable)
        ) {
          return { verified: false, reason: 'wrong' };
        }
        const same = seen.newCounter === binding.counter && seen.credentialBackedUp === binding.backedUp;
        const now = same ? binding : { ...binding, counter: seen.newCounter, backedUp: seen.credentialBackedUp };
        return { verified: true, used: { id, binding: now }, userVerified: seen.userVerified };
      } catch {
        return { verified: false, reason: 'wrong' };
      }
    },

    locate: (response) => response.id,
    locator: (binding) => binding.credentialId,
    decoy: (seed) => ({
      id: '',
      binding: {
        credentialId: createHash('sha256').update('credential').update(seed).digest('base64url'),
        publicKey: NOBODYS_KEY,
        counter: 0,
        transports: ['internal', 'hybrid'],
        aaguid: '00000000-0000-0000-0000-000000000000',
        backupEligible: true,
        backedUp: true,
        handle: createHash('sha256').update('handle').update(seed).digest('base64url'),
      },
    }),
  };
}

// A point of P-256 whose x is SHA-256("senid nobody 0"): nobody knows its private key. As a COSE key.
const NOBODYS_KEY = Buffer.concat([
  Buffer.from('a5010203262001215820', 'hex'),
  Buffer.from('389f2e813cd49debd77ee2f87aea479f0c8a68b38f6ed0f5085f8b8d3f1c4dc8', 'hex'),
  Buffer.from('225820', 'hex'),
  Buffer.from('639ab45e99ec351081826544a17027a72b2eabb3270dcff70921159e1375dd76', 'hex'),
]).toString('base64url');

/** Made or answered in a frame of another site: we never ask there (WebAuthn §5.8.1, crossOrigin and topOrigin). */
function framed(clientDataJSON: string): boolean {
  const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
  if (typeof data !== 'object' || data === null) return true;
  return ('crossOrigin' in data && data.crossOrigin !== false) || 'topOrigin' in data;
}

/** A user handle, when one comes, is this account's; for a discoverable sign-in one must come (WebAuthn §7.2, step 6). */
function ownHandle(handle: string | undefined, own: string, discoverable: boolean): boolean {
  if (handle === undefined) return !discoverable;
  const [given, expected] = [Buffer.from(handle, 'base64url'), Buffer.from(own, 'base64url')];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
