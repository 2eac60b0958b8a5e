import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  randomBytes,
  sign,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMessaging } from '../../../../../src/standards/icao9303/access/messaging.ts';
import {
  bitString,
  integer,
  nothing,
  oid,
  sequence,
  setOf,
  tlv,
} from '../../../../../src/standards/icao9303/asn1/write.ts';
import { verifyActiveAuthentication } from '../../../../../src/standards/icao9303/chip/active-authentication.ts';
import { checkRepresentative } from '../../../../../src/standards/icao9303/chip/message-recovery.ts';
import { signChallenge } from '../../../../../src/standards/icao9303/chip/sign-challenge.ts';
import { CURVES } from '../../../../../src/standards/icao9303/pki/algorithms/curve-parameters.ts';
import { vectors, vectorTest } from '../../../../support/card-vectors.ts';
import { hex, refusal } from '../../../../support/refused.ts';
import printed from '../../../../vectors/icao9303/active-authentication.json' with { type: 'json' };

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);
const challenge = hex('0102030405060708');
const dg15Of = (key: KeyObject): Buffer => tlv(0x6f, key.export({ format: 'der', type: 'spki' }));
const aaInfo = (signature: string, version = 1): Buffer =>
  tlv(0x6e, setOf(sequence(oid('2.23.136.1.1.5'), integer(version), oid(signature))));
const plain = (last: number): string => `0.4.0.127.0.7.1.1.4.1.${last}`;

const recorded = () =>
  JSON.parse(readFileSync(join(vectors ?? '', 'active-authentication.json'), 'utf8')) as {
    signatures: {
      dg15: string;
      challenge: string;
      response: string;
      sm: { ksEnc: string; ksMac: string; sscBefore: string; apdu: { cmd: string; rsp: string } };
    }[];
    messageRepresentative: { hash: string; rndIfd: string; f: string }[];
    messageRepresentativeInvalid: string[];
  };

describe('active authentication, published values', () => {
  test('the message representative of 9303-11 App. F is that of its challenge, and SHA-1: refused unless a profile allows it', () => {
    const f = hex(printed.messageRepresentative);
    expect(checkRepresentative(f, hex(printed.challenge), { allowSha1: true })).toBe('sha1');
    expect(refusal(() => checkRepresentative(f, hex(printed.challenge)))).toBe('aa.hash');
    expect(refusal(() => checkRepresentative(f, challenge, { allowSha1: true }))).toBe('aa.signature');
  });

  vectorTest(
    'a real session with RSA of 1,792 bits (its file counts 1,800) over secure messaging verifies, where the profile takes such keys',
    async () => {
      for (const { dg15, challenge: sent, response, sm } of recorded().signatures) {
        const [cipher, encryption, mac] = ['3DES' as const, hex(sm.ksEnc), hex(sm.ksMac)];
        const messaging = createMessaging({ cipher, encryption, mac, counter: hex(sm.sscBefore) });
        expect(messaging.protect(Buffer.concat([hex('0088000008'), hex(sent), hex('00')]))).toEqual(hex(sm.apdu.cmd));
        expect(messaging.unprotect(hex(sm.apdu.rsp))).toEqual(hex(`${response}9000`));
        const parts = { dg15: hex(dg15), challenge: hex(sent), response: hex(response) };
        const lenient = { ...parts, leastRsaBits: 1024, allowSha1: true };
        expect((await verifyActiveAuthentication(lenient)).algorithm).toMatch(/^RSA-1792-SHA-/);
        expect(await refusal(verifyActiveAuthentication(parts))).toBe('aa.key');
        // Replayed against another challenge.
        expect(await refusal(verifyActiveAuthentication({ ...lenient, challenge }))).toBe('aa.signature');
      }
    },
  );

  vectorTest('valid and invalid message representatives', () => {
    const { messageRepresentative, messageRepresentativeInvalid } = recorded();
    for (const { hash, rndIfd, f } of messageRepresentative) {
      const name = checkRepresentative(hex(f), hex(rndIfd), { allowSha1: true });
      expect(name).toBe(hash.toLowerCase().replace('-', ''));
    }
    for (const f of messageRepresentativeInvalid) {
      expect(refusal(() => checkRepresentative(hex(f), challenge, { allowSha1: true }))).toMatch(/^aa\./);
    }
  });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const TRAILERS = { sha1: 'bc', sha256: '34cc', sha512: '35cc', sha384: '36cc', sha224: '38cc' } as const;

/** What a chip does (ISO/IEC 9796-2 scheme 1): F to the private exponent. */
function sign9796({
  hash = 'sha256',
  header = 0x6a,
  trailer = TRAILERS[hash],
  over = challenge,
  key = rsa.privateKey,
  octets = 256,
}: {
  hash?: keyof typeof TRAILERS;
  header?: number;
  trailer?: string;
  over?: Buffer;
  key?: KeyObject;
  octets?: number;
} = {}): Buffer {
  const room = octets - 1 - createHash(hash).digest().length - trailer.length / 2;
  const m1 = randomBytes(room);
  const digest = createHash(hash).update(m1).update(over).digest();
  const f = Buffer.concat([Buffer.from([header]), m1, digest, hex(trailer)]);
  return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, f);
}

describe('active authentication with RSA (9303-11 §6.1.2.2)', () => {
  const dg15 = dg15Of(rsa.publicKey);
  const verdict = (response: Buffer, more = {}) => verifyActiveAuthentication({ dg15, challenge, response, ...more });

  test.each(['sha224', 'sha256', 'sha384', 'sha512'] as const)('an answer with %s verifies', async (hash) => {
    const { algorithm } = await verdict(sign9796({ hash }));
    expect(algorithm).toBe(`RSA-2048-${hash.replace('sha', 'SHA-')}`);
  });

  test('SHA-1, with one octet of trailer or two, only where the profile allows it', async () => {
    for (const trailer of ['bc', '33cc']) {
      const response = sign9796({ hash: 'sha1', trailer });
      expect(await refusal(verdict(response))).toBe('aa.hash');
      expect((await verdict(response, { allowSha1: true })).algorithm).toBe('RSA-2048-SHA-1');
    }
  });

  test('a signature that begins with zeros verifies', async () => {
    let response = sign9796();
    while (response[0] !== 0) response = sign9796();
    expect(response).toHaveLength(256);
    expect((await verdict(response)).algorithm).toBe('RSA-2048-SHA-256');
  });

  test('an answer to another challenge, by another key, or changed is refused', async () => {
    expect(await refusal(verdict(sign9796({ over: hex('0102030405060709') })))).toBe('aa.signature');
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(await refusal(verdict(sign9796({ key: other })))).toMatch(/^aa\.(format|signature)$/);
    const changed = sign9796();
    changed[100]! ^= 1;
    expect(await refusal(verdict(changed))).toMatch(/^aa\.(format|signature|hash)$/);
  });

  test('another header, another trailer, another length, a number above the modulus', async () => {
    for (const header of [0x4a, 0x6b, 0x5a, 0x00])
      expect(await refusal(verdict(sign9796({ header })))).toBe('aa.format');
    for (const trailer of ['32cc', '39cc', 'cc00', '00']) {
      expect(await refusal(verdict(sign9796({ trailer })))).toBe('aa.format');
    }
    const response = sign9796();
    for (const wrong of [
      response.subarray(1),
      Buffer.concat([Buffer.alloc(1), response]),
      Buffer.alloc(0),
      Buffer.alloc(256, 0xff),
    ]) {
      expect(await refusal(verdict(wrong))).toBe('aa.format');
    }
  });

  test('small keys, even exponents and an exponent of 1 are refused', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const response = sign9796({ key: small.privateKey, octets: 128 });
    const parts = { dg15: dg15Of(small.publicKey), challenge, response };
    expect(await refusal(verifyActiveAuthentication(parts))).toBe('aa.key');
    expect((await verifyActiveAuthentication({ ...parts, leastRsaBits: 1024 })).algorithm).toBe('RSA-1024-SHA-256');
    const modulus = Buffer.from(rsa.publicKey.export({ format: 'jwk' }).n!, 'base64url');
    for (const exponent of [0, 1, 2, 65_536]) {
      const numbers = sequence(integer(modulus), integer(exponent));
      const key = sequence(sequence(oid('1.2.840.113549.1.1.1'), nothing()), bitString(numbers));
      expect(await refusal(verdict(sign9796(), { dg15: tlv(0x6f, key) }))).toBe('aa.key');
    }
  });
});

const CURVE_NAMES = [
  'secp224r1',
  'prime256v1',
  'secp384r1',
  'secp521r1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
];

describe('active authentication with elliptic curves (9303-11 §6.1.2.3)', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const dg15 = dg15Of(ec.publicKey);
  const signed = (hash: string, over = challenge, dsaEncoding: 'der' | 'ieee-p1363' = 'ieee-p1363') =>
    sign(hash, over, { key: ec.privateKey, dsaEncoding });
  const verdict = (response: Buffer, more = {}) => verifyActiveAuthentication({ dg15, challenge, response, ...more });

  test.each(CURVE_NAMES)('a plain signature on %s verifies', async (namedCurve) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const response = sign('sha224', challenge, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const { algorithm } = await verifyActiveAuthentication({ dg15: dg15Of(publicKey), challenge, response });
    expect(algorithm).toMatch(/^ECDSA-.+-SHA-224$/);
  });

  test('the hash is the one that DG14 names', async () => {
    const dg14 = aaInfo(plain(3));
    expect(await verdict(signed('sha256'), { dg14 })).toEqual({ algorithm: 'ECDSA-P-256-SHA-256' });
    expect(await refusal(verdict(signed('sha224'), { dg14 }))).toBe('aa.signature');
    // Named, a longer one is taken as well: a chip cuts it (real documents do).
    expect(await verdict(signed('sha384'), { dg14: aaInfo(plain(4)) })).toEqual({ algorithm: 'ECDSA-P-256-SHA-384' });
  });

  test('without DG14, or where it says nothing of it, only hashes that are not longer than the key', async () => {
    const silent = tlv(0x6e, setOf(sequence(oid('0.4.0.127.0.7.2.2.2'), integer(1))));
    for (const more of [{}, { dg14: silent }]) {
      expect(await verdict(signed('sha256'), more)).toEqual({ algorithm: 'ECDSA-P-256-SHA-256' });
      expect(await verdict(signed('sha224'), more)).toEqual({ algorithm: 'ECDSA-P-256-SHA-224' });
      expect(await refusal(verdict(signed('sha384'), more))).toBe('aa.signature');
    }
  });

  test('SHA-1 never, whatever DG14 and the profile say', async () => {
    const response = signed('sha1');
    for (const dg14 of [undefined, aaInfo(plain(1)), aaInfo(plain(6)), aaInfo('1.2.840.10045.4.1')]) {
      const more = { allowSha1: true, ...(dg14 ? { dg14 } : {}) };
      expect(await refusal(verdict(response, more))).toBe(dg14 ? 'aa.hash' : 'aa.signature');
    }
    expect(await refusal(verdict(signed('sha256'), { dg14: aaInfo(plain(3), 2) }))).toBe('aa.hash');
  });

  test('a DER signature where a plain one is due is refused', async () => {
    expect(await refusal(verdict(signed('sha256', challenge, 'der')))).toBe('aa.format');
  });

  test('an answer to another challenge, by another key, or changed is refused', async () => {
    expect(await refusal(verdict(signed('sha256', Buffer.alloc(8))))).toBe('aa.signature');
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    expect(await refusal(verdict(signed('sha256'), { dg15: dg15Of(other.publicKey) }))).toBe('aa.signature');
    for (let bit = 0; bit < 512; bit += 7) {
      const changed = signed('sha256');
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(await refusal(verdict(changed))).toBe('aa.signature');
    }
    expect(await refusal(verdict(Buffer.alloc(64)))).toBe('aa.signature');
    expect(await refusal(verdict(Buffer.alloc(64, 0xff)))).toBe('aa.signature');
  });

  test('a curve that is not on the list, a weak one, a point that is not on its curve', async () => {
    const strange = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey;
    const weak = generateKeyPairSync('ec', { namedCurve: 'prime192v1' }).publicKey;
    const spki = (point: Buffer): Buffer =>
      tlv(0x6f, sequence(sequence(oid('1.2.840.10045.2.1'), oid(CURVES['P-256'].oid)), bitString(point)));
    const off = spki(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]));
    for (const bad of [dg15Of(strange), dg15Of(weak), off, spki(Buffer.from([0]))]) {
      expect(await refusal(verdict(Buffer.alloc(64, 1), { dg15: bad }))).toBe('aa.key');
    }
  });

  test('the challenge goes to the chip as INTERNAL AUTHENTICATE, with room for its answer', async () => {
    const sent: string[] = [];
    const transmit = async (command: Buffer): Promise<Buffer> => {
      sent.push(command.toString('hex'));
      return Buffer.concat([signed('sha256'), hex('9000')]);
    };
    const response = await signChallenge(transmit, challenge);
    expect((await verdict(response)).algorithm).toBe('ECDSA-P-256-SHA-256');
    await signChallenge(transmit, challenge, { extended: true });
    expect(sent).toEqual(['0088000008010203040506070800', '0088000000000801020304050607080000']);
    expect(await refusal(signChallenge(async () => hex('6982'), challenge))).toBe('apdu.status');
  });

  test('a challenge of another length is our own fault', async () => {
    await expect(verdict(signed('sha256'), { challenge: Buffer.alloc(16) })).rejects.toThrow(RangeError);
  });

  test('no DG15, DG14 or answer makes it throw anything but its own refusal', async () => {
    const response = signed('sha256');
    const dg14 = aaInfo(plain(3));
    const bytes = fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.from(octets));
    const turned = (file: Buffer) =>
      fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
        const copy = Buffer.from(file);
        copy[at]! ^= mask;
        return copy;
      });
    const rsaFile = dg15Of(rsa.publicKey);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(turned(dg15), turned(rsaFile), bytes, fc.constant(dg15)),
        fc.oneof(turned(dg14), bytes, fc.constant(dg14)),
        fc.oneof(
          turned(response),
          bytes,
          fc.uint8Array({ minLength: 256, maxLength: 256 }).map((o) => Buffer.from(o)),
        ),
        async (file, infos, answer) => {
          const code = await refusal(
            verifyActiveAuthentication({ dg15: file, dg14: infos, challenge, response: answer }),
          );
          expect(code).toMatch(/^(aa|asn1|dg|input)\./);
        },
      ),
      { numRuns },
    );
  });
});
