import { constants, createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { declareErrors, EidError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import {
  type Attributes,
  type Handle,
  MECHANISM,
  OBJECT_CLASS,
  Pkcs11Fault,
  type TokenPool,
  type TokenSession,
} from '../../platform/pkcs11/pool.ts';
import { type Algorithm, thumbprint } from './key.ts';
import type { KeyModule } from './key-module.ts';

declareErrors('signing_keys', {
  unguarded: {
    status: 503,
    when: 'A signing key in the module could leave it, or was not made there: it is not used.',
  },
  unsupported: {
    status: 503,
    when: 'The module cannot make or use keys of one of the algorithms: ES256, RS256, PS256 and EdDSA are needed.',
  },
});

/** How the token makes and uses a key of one algorithm. */
interface Way {
  readonly made: number;
  readonly publicKey: Attributes;
  readonly privateKey?: Attributes;
  readonly signed: { readonly type: number; readonly parameter?: readonly number[] };
  /** The token signs the hash, because few can hash as well. */
  readonly hashed: boolean;
}

const MGF1_SHA256 = 2;
const rsa = {
  made: MECHANISM.rsaKeyPair,
  // RFC 7518 §3.3: 2048 bits or more.
  publicKey: { modulusBits: 2048, publicExponent: Buffer.of(1, 0, 1) },
  privateKey: { decrypt: false, unwrap: false },
};

/** Of P-256 the curve is named by its identifier, of Ed25519 as PKCS #11 v3.0 §2.3.5 writes it and every token takes it. */
const WAYS = {
  ES256: {
    made: MECHANISM.ecKeyPair,
    publicKey: { ecParams: Buffer.from('06082a8648ce3d030107', 'hex') },
    signed: { type: MECHANISM.ecdsa },
    hashed: true,
  },
  RS256: { ...rsa, signed: { type: MECHANISM.sha256Rsa }, hashed: false },
  PS256: {
    ...rsa,
    // RFC 7518 §3.5: MGF1 with the same hash, a salt as long as the hash.
    signed: { type: MECHANISM.rsaPss, parameter: [MECHANISM.sha256, MGF1_SHA256, 32] },
    hashed: true,
  },
  EdDSA: {
    made: MECHANISM.edwardsKeyPair,
    publicKey: { ecParams: Buffer.concat([Buffer.of(0x13, 12), Buffer.from('edwards25519')]) },
    signed: { type: MECHANISM.eddsa },
    hashed: false,
  },
} satisfies Record<Algorithm, Way>;

/** What must be true of a key: it cannot leave, never could, and was made where it is (PKCS #11 v3.0 §4.9). */
const GUARDED = { sensitive: true, extractable: false, alwaysSensitive: true, neverExtractable: true } as const;
const GUARDS = Object.keys(GUARDED) as (keyof typeof GUARDED)[];

/** Keys in a token. An object's CKA_ID is the key's `kid`. */
export function createPkcs11Module(pool: TokenPool): KeyModule {
  /** Keys that a session has found and looked at; they are looked at again in every session. */
  const known = new WeakMap<TokenSession, Map<string, Handle>>();

  const use = async <T>(work: (session: TokenSession) => Promise<T>): Promise<T> => {
    try {
      return await pool.use(work);
    } catch (error) {
      throw error instanceof Pkcs11Fault ? new EidError('signing_keys.unavailable', { cause: error }) : error;
    }
  };

  const assertGuarded = async (session: TokenSession, key: Handle, kid: string): Promise<void> => {
    const told = await session.attributes(key, GUARDS);
    const open = GUARDS.filter((name) => told[name] !== GUARDED[name]);
    if (open.length === 0) return;
    throw new EidError('signing_keys.unguarded', { facts: { kid, attributes: open.join(', ') } });
  };

  const found = async (session: TokenSession, kid: string): Promise<Handle> => {
    const handles = known.get(session) ?? new Map<string, Handle>();
    known.set(session, handles);
    const before = handles.get(kid);
    if (before !== undefined) return before;
    const [key, ...others] = await session.find({ class: OBJECT_CLASS.privateKey, id: Buffer.from(kid) });
    // A session that lay idle may not see what another has made meanwhile (SoftHSM): a new one is asked before it is missing.
    if (key === undefined) throw new Pkcs11Fault('no_key', { about: kid });
    if (others.length > 0)
      throw new EidError('signing_keys.unavailable', { cause: new Error(`the token has several keys ${kid}`) });
    await assertGuarded(session, key, kid);
    return key;
  };

  return {
    make: (algorithm) =>
      use(async (session) => {
        const way: Way = WAYS[algorithm];
        if (![way.made, way.signed.type].every((mechanism) => session.mechanisms.has(mechanism)))
          throw new EidError('signing_keys.unsupported', { facts: { algorithm } });
        // Its name is the hash of what is not there yet.
        const named: Attributes = { id: Buffer.from(newId()), label: Buffer.from(`senid ${algorithm}`), token: true };
        const pair = await session.generate(way.made, {
          publicKey: { ...named, ...way.publicKey, verify: true },
          privateKey: {
            ...{ ...named, ...way.privateKey, private: true, sign: true },
            ...{ sensitive: GUARDED.sensitive, extractable: GUARDED.extractable },
          },
        });
        try {
          const publicJwk = publicJwkFrom(algorithm, await session.attributes(pair.publicKey, PUBLIC[algorithm]));
          const kid = thumbprint(publicJwk);
          await assertGuarded(session, pair.privateKey, kid);
          for (const handle of [pair.publicKey, pair.privateKey])
            await session.change(handle, { id: Buffer.from(kid) });
          return publicJwk;
        } catch (error) {
          for (const handle of [pair.publicKey, pair.privateKey]) await session.destroy(handle).catch(() => {});
          throw error;
        }
      }),
    sign: ({ kid, algorithm, publicJwk }, data) =>
      use(async (session) => {
        const way: Way = WAYS[algorithm];
        const key = await found(session, kid);
        const signed = way.hashed ? createHash('sha256').update(data).digest() : Buffer.from(data);
        const signature = await session.sign(key, way.signed, signed);
        const handles = known.get(session)!;
        // Looked at once in a session: what has our key's name may be another key.
        if (!handles.has(kid) && !verifies({ algorithm, publicJwk }, data, signature))
          throw new EidError('signing_keys.unavailable', { cause: new Error(`the token has another key ${kid}`) });
        handles.set(kid, key);
        return signature;
      }),
    async destroy(kids) {
      for (const kid of kids) {
        await use(async (session) => {
          const found = await session.find({ id: Buffer.from(kid) });
          if (found.length === 0) throw new Pkcs11Fault('no_key', { about: kid });
          for (const handle of found) await session.destroy(handle);
        }).catch((error: EidError) => {
          // It is gone: what was wanted.
          if ((error.cause as Partial<Pkcs11Fault> | undefined)?.code !== 'no_key') throw error;
        });
      }
    },
    close: async () => pool.close(),
  };
}

const PUBLIC = {
  ES256: ['ecPoint'],
  RS256: ['modulus', 'publicExponent'],
  PS256: ['modulus', 'publicExponent'],
  EdDSA: ['ecPoint'],
} as const satisfies Record<Algorithm, readonly (keyof Attributes)[]>;

const base64url = (octets: Buffer): string => octets.toString('base64url');

/** Numbers go without leading zeros (RFC 7518 §6.3.1); points of curves at their full length. */
function publicJwkFrom(algorithm: Algorithm, { ecPoint, modulus, publicExponent }: Attributes): JsonWebKey {
  if (modulus && publicExponent)
    return { kty: 'RSA', n: base64url(positive(modulus)), e: base64url(positive(publicExponent)) };
  const length = algorithm === 'ES256' ? 65 : 32;
  // An OCTET STRING around the point, which some tokens leave out; both lengths are of one octet.
  const point = ecPoint?.length === length ? ecPoint : ecPoint?.subarray(2);
  if (point?.length !== length || (algorithm === 'ES256' && point[0] !== 4))
    throw new EidError('signing_keys.unavailable', { cause: new Error('the token tells no public key') });
  return algorithm === 'ES256'
    ? { kty: 'EC', crv: 'P-256', x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) }
    : { kty: 'OKP', crv: 'Ed25519', x: base64url(point) };
}

const positive = (octets: Buffer): Buffer => octets.subarray(octets.findIndex((octet) => octet !== 0));

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

function verifies(
  { algorithm, publicJwk }: { algorithm: Algorithm; publicJwk: JsonWebKey },
  data: Uint8Array,
  signature: Buffer,
): boolean {
  const key = createPublicKey({ key: publicJwk, format: 'jwk' });
  if (algorithm === 'EdDSA') return verify(null, data, key, signature);
  if (algorithm === 'ES256') return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  return verify('sha256', data, algorithm === 'PS256' ? { key, ...PSS } : key, signature);
}
