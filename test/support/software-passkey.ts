import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type CborValue, cbor } from './cbor.ts';

type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

/** Everything about one ceremony that an attacker might change. Unset: what an honest authenticator and browser do. */
export interface Tampering {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  readonly backupEligible?: boolean;
  readonly backedUp?: boolean;
  readonly counter?: number;
  readonly userHandle?: string | null;
  /** Signs with another key: a forgery. */
  readonly forged?: boolean;
  /** Which credential answers, by id; otherwise the first that is allowed. */
  readonly credentialId?: string;
}

interface Credential {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly privateKey: KeyObject;
  readonly algorithm: Algorithm;
  counter: number;
}

/** PublicKeyCredentialCreationOptionsJSON, as much as is read of it. */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
  readonly pubKeyCredParams: readonly { readonly alg: number }[];
  readonly excludeCredentials?: readonly { readonly id: string }[];
}

/** PublicKeyCredentialRequestOptionsJSON, as much as is read of it. */
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
}

/** RegistrationResponseJSON. */
export interface RegistrationJson {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly clientExtensionResults: Record<string, never>;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports: string[];
  };
}

/** AuthenticationResponseJSON. */
export interface AssertionJson {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly clientExtensionResults: Record<string, never>;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string;
  };
}

const COSE: Record<Algorithm, number> = { ES256: -7, EdDSA: -8, RS256: -257 };
const AAGUID = Buffer.from('00000000000000000000000000000000', 'hex');
const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
const base64url = (data: Uint8Array): string => Buffer.from(data).toString('base64url');

/**
 * A passkey provider and the browser around it, in software: keys in memory, `none` attestation, discoverable credentials.
 * `backedUp` makes it a synced provider (BE and BS set, counter always 0), otherwise a device-bound one that counts.
 */
export function softwarePasskey(options: {
  rpId: string;
  origin: string;
  algorithm?: Algorithm;
  backedUp?: boolean;
  userVerified?: boolean;
}) {
  const { rpId, origin, algorithm = 'ES256', backedUp = false, userVerified = true } = options;
  const credentials: Credential[] = [];

  const clientData = (type: string, challenge: string, tampering: Tampering): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: tampering.type ?? type,
        challenge: tampering.challenge ?? challenge,
        origin: tampering.origin ?? origin,
        crossOrigin: tampering.crossOrigin ?? false,
        ...(tampering.topOrigin === undefined ? {} : { topOrigin: tampering.topOrigin }),
      }),
    );
  const authenticatorData = (tampering: Tampering, counter: number, attested?: Buffer): Buffer => {
    const flag = (bit: number, on: boolean): number => (on ? 1 << bit : 0);
    const flags =
      flag(0, tampering.userPresent ?? true) |
      flag(2, tampering.userVerified ?? userVerified) |
      flag(3, tampering.backupEligible ?? backedUp) |
      flag(4, tampering.backedUp ?? backedUp) |
      flag(6, attested !== undefined);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(tampering.rpId ?? rpId), Buffer.of(flags), count, attested ?? Buffer.alloc(0)]);
  };

  return {
    credentials: credentials as readonly Credential[],

    /** navigator.credentials.create(). */
    create(request: CreationOptions, tampering: Tampering = {}): RegistrationJson {
      if (request.excludeCredentials?.some(({ id }) => credentials.some((known) => known.id === id))) {
        throw new Error('InvalidStateError: this authenticator holds a credential of this account');
      }
      if (!request.pubKeyCredParams.some(({ alg }) => alg === COSE[algorithm])) throw new Error('NotSupportedError');
      const { privateKey, publicKey } = newKey(algorithm);
      const id = randomBytes(32);
      const credential: Credential = {
        id: base64url(id),
        rpId: request.rp.id ?? rpId,
        userHandle: request.user.id,
        privateKey,
        algorithm,
        counter: 0,
      };
      // An account has one discoverable credential in a device: another takes its place (CTAP 2.1 §6.1.2).
      const before = credentials.findIndex((one) => one.rpId === credential.rpId && one.userHandle === request.user.id);
      if (before >= 0) credentials.splice(before, 1);
      credentials.push(credential);
      const length = Buffer.of(id.length >> 8, id.length & 0xff);
      const attested = Buffer.concat([AAGUID, length, id, cosePublicKey(publicKey, algorithm)]);
      const attestation = new Map<CborValue, CborValue>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authenticatorData(tampering, tampering.counter ?? 0, attested)],
      ]);
      return {
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', request.challenge, tampering)),
          attestationObject: base64url(cbor(attestation)),
          transports: backedUp ? ['internal', 'hybrid'] : ['usb'],
        },
      };
    },

    /** navigator.credentials.get(). Throws `NotAllowedError` when it holds none of the allowed credentials. */
    get(request: RequestOptions, tampering: Tampering = {}): AssertionJson {
      const allowed = request.allowCredentials?.map(({ id }) => id) ?? [];
      const credential = credentials.find(({ id }) =>
        tampering.credentialId === undefined
          ? allowed.length === 0 || allowed.includes(id)
          : id === tampering.credentialId,
      );
      if (!credential) throw new Error('NotAllowedError');
      if (!backedUp) credential.counter += 1;
      const data = authenticatorData(tampering, tampering.counter ?? credential.counter);
      const client = clientData('webauthn.get', request.challenge, tampering);
      const key = tampering.forged ? newKey(credential.algorithm).privateKey : credential.privateKey;
      const signed = Buffer.concat([data, sha256(client)]);
      const handle = tampering.userHandle === undefined ? credential.userHandle : tampering.userHandle;
      return {
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(sign(credential.algorithm === 'EdDSA' ? null : 'sha256', signed, key)),
          ...(handle === null ? {} : { userHandle: handle }),
        },
      };
    },
  };
}

export type SoftwarePasskey = ReturnType<typeof softwarePasskey>;

const newKey = (algorithm: Algorithm): { privateKey: KeyObject; publicKey: KeyObject } => {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
};

/** COSE_Key (RFC 9052 §7; RFC 8230 §4 for RSA). */
function cosePublicKey(key: KeyObject, algorithm: Algorithm): Buffer {
  const jwk = key.export({ format: 'jwk' });
  const part = (name: 'x' | 'y' | 'n' | 'e'): Buffer => Buffer.from(jwk[name] ?? '', 'base64url');
  const alg: [number, number] = [3, COSE[algorithm]];
  if (algorithm === 'ES256') {
    return cbor(new Map<number, number | Buffer>([[1, 2], alg, [-1, 1], [-2, part('x')], [-3, part('y')]]));
  }
  if (algorithm === 'EdDSA') return cbor(new Map<number, number | Buffer>([[1, 1], alg, [-1, 6], [-2, part('x')]]));
  return cbor(new Map<number, number | Buffer>([[1, 3], alg, [-1, part('n')], [-2, part('e')]]));
}
