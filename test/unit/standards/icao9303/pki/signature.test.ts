import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { read } from '../../../../../src/standards/icao9303/asn1/read.ts';
import { context } from '../../../../../src/standards/icao9303/asn1/values.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { parsePublicKey } from '../../../../../src/standards/icao9303/pki/algorithms/public-key.ts';
import { isSigned, signatureAlgorithm } from '../../../../../src/standards/icao9303/pki/algorithms/signature.ts';
import { refusalOf } from '../../../../support/refusals.ts';

const data = Buffer.from('what is signed');
const HASHES = {
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;
const hashes = Object.keys(HASHES) as (keyof typeof HASHES)[];
const RSA_OIDS = { sha224: 14, sha256: 11, sha384: 12, sha512: 13 };
const ECDSA_OIDS = { sha224: 1, sha256: 2, sha384: 3, sha512: 4 };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' });
const keyOf = (key: KeyObject) => parsePublicKey(key.export({ type: 'spki', format: 'der' }));
const algorithm = (der: Buffer, digest?: keyof typeof HASHES) =>
  signatureAlgorithm(read(der, { encoding: 'der' }), digest);
const named = (oid: string, ...parameters: Buffer[]) => write.sequence(write.oid(oid), ...parameters);
const hashId = (hash: string) => named(hash);

interface Pss {
  hash?: Buffer | undefined;
  mask?: Buffer | undefined;
  salt?: number;
  trailer?: number;
  more?: Buffer[];
}
const pss = (hash: string, change: Pss = {}): Buffer => {
  const { hash: message, mask } = { hash: hashId(hash), mask: named('1.2.840.113549.1.1.8', hashId(hash)), ...change };
  return named(
    '1.2.840.113549.1.1.10',
    write.sequence(
      ...(message ? [write.tlv(context(0), message)] : []),
      ...(mask ? [write.tlv(context(1), mask)] : []),
      ...(change.salt === undefined ? [] : [write.tlv(context(2), write.integer(change.salt))]),
      ...(change.trailer === undefined ? [] : [write.tlv(context(3), write.integer(change.trailer))]),
      ...(change.more ?? []),
    ),
  );
};

describe.each(hashes)('with %s', (hash) => {
  const changed = Buffer.from('what is signeD');
  const both = async (which: ReturnType<typeof algorithm>, key: KeyObject, signature: Buffer) => [
    await isSigned(which, keyOf(key), data, signature),
    await isSigned(which, keyOf(key), changed, signature),
  ];

  test('RSA PKCS #1 v1.5 verifies, and a change shows', async () => {
    const which = algorithm(named(`1.2.840.113549.1.1.${RSA_OIDS[hash]}`, write.nothing()));
    expect(which).toMatchObject({ scheme: 'RSA-PKCS1', digest: hash });
    expect(await both(which, rsa.publicKey, sign(hash, data, rsa.privateKey))).toEqual([true, false]);
  });

  test('RSA-PSS verifies with its own salt, and a change shows', async () => {
    const saltLength = hash === 'sha224' ? 20 : 32;
    const which = algorithm(pss(HASHES[hash], saltLength === 20 ? {} : { salt: saltLength, trailer: 1 }));
    expect(which).toMatchObject({ scheme: 'RSA-PSS', digest: hash, saltLength });
    const how = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
    expect(await both(which, rsa.publicKey, sign(hash, data, how))).toEqual([true, false]);
    expect((await both(which, rsa.publicKey, sign(hash, data, { ...how, saltLength: 16 })))[0], 'another salt').toBe(
      false,
    );
  });

  test('ECDSA verifies, and a change shows', async () => {
    const which = algorithm(named(`1.2.840.10045.4.3.${ECDSA_OIDS[hash]}`));
    expect(await both(which, ec.publicKey, sign(hash, data, ec.privateKey))).toEqual([true, false]);
  });

  test('rsaEncryption takes the hash that stands beside it (AU, NZ, US)', async () => {
    const which = algorithm(named('1.2.840.113549.1.1.1', write.nothing()), hash);
    expect(await both(which, rsa.publicKey, sign(hash, data, rsa.privateKey))).toEqual([true, false]);
  });
});

describe('algorithms', () => {
  const sha1 = hashId('1.3.14.3.2.26');
  const other = named('1.2.840.113549.1.1.8', hashId(HASHES.sha512));
  test.each<[string, Buffer, string]>([
    ['RSA with SHA-1', named('1.2.840.113549.1.1.5', write.nothing()), 'algorithm.weak'],
    ['RSA with MD5', named('1.2.840.113549.1.1.4', write.nothing()), 'algorithm.weak'],
    ['ECDSA with SHA-1', named('1.2.840.10045.4.1'), 'algorithm.weak'],
    ['RSA-PSS with everything left out: SHA-1', named('1.2.840.113549.1.1.10', write.sequence()), 'algorithm.weak'],
    ['RSA-PSS with SHA-1', pss(HASHES.sha256, { hash: sha1 }), 'algorithm.weak'],
    ['RSA-PSS with the mask left out: SHA-1', pss(HASHES.sha256, { mask: undefined }), 'algorithm.weak'],
    [
      'RSA-PSS with a mask of SHA-1',
      pss(HASHES.sha256, { mask: named('1.2.840.113549.1.1.8', sha1) }),
      'algorithm.weak',
    ],
    ['RSA-PSS with a mask of another hash', pss(HASHES.sha256, { mask: other }), 'algorithm.unknown'],
    [
      'RSA-PSS with another mask function',
      pss(HASHES.sha256, { mask: named('1.2.3', hashId(HASHES.sha256)) }),
      'algorithm.unknown',
    ],
    ['RSA-PSS with another trailer', pss(HASHES.sha256, { trailer: 2 }), 'algorithm.unknown'],
    ['RSA-PSS with an endless salt', pss(HASHES.sha256, { salt: 513 }), 'algorithm.unknown'],
    [
      'RSA-PSS with a parameter twice',
      pss(HASHES.sha256, { salt: 32, more: [write.tlv(context(2), write.integer(20))] }),
      'algorithm.unknown',
    ],
    [
      'RSA-PSS with a fifth parameter',
      pss(HASHES.sha256, { more: [write.tlv(context(4), write.integer(1))] }),
      'algorithm.unknown',
    ],
    ['RSA-PSS without parameters', named('1.2.840.113549.1.1.10'), 'asn1.unexpected'],
    [
      'rsaEncryption in a certificate, without a hash',
      named('1.2.840.113549.1.1.1', write.nothing()),
      'algorithm.unknown',
    ],
    ['ECDSA with a third part', named('1.2.840.10045.4.3.2', write.nothing(), write.nothing()), 'algorithm.unknown'],
    [
      'RSA with a NULL that holds something',
      named('1.2.840.113549.1.1.11', write.tlv(0x05, Buffer.from([0]))),
      'algorithm.unknown',
    ],
    ['Ed25519', named('1.3.101.112'), 'algorithm.unknown'],
    ['plain ECDSA of card verifiable certificates', named('0.4.0.127.0.7.1.1.4.1.3'), 'algorithm.unknown'],
    ['ECDSA with parameters', named('1.2.840.10045.4.3.2', write.integer(1)), 'algorithm.unknown'],
  ])('%s', async (_, der, code) => {
    expect(await refusalOf(() => algorithm(der))).toBe(code);
  });

  const ecdsa = algorithm(named('1.2.840.10045.4.3.2'));
  const pkcs1 = algorithm(named('1.2.840.113549.1.1.11'));

  test('a key that is too small proves nothing', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(
      await refusalOf(() => isSigned(pkcs1, keyOf(small.publicKey), data, sign('sha256', data, small.privateKey))),
    ).toBe('algorithm.weak');
    const p192 = generateKeyPairSync('ec', { namedCurve: 'prime192v1' });
    expect(
      await refusalOf(() => isSigned(ecdsa, keyOf(p192.publicKey), data, sign('sha256', data, p192.privateKey))),
    ).toBe('algorithm.weak');
  });

  test('a key of another kind does not fit', async () => {
    expect(await refusalOf(() => isSigned(pkcs1, keyOf(ec.publicKey), data, Buffer.alloc(64)))).toBe(
      'algorithm.unknown',
    );
    expect(await refusalOf(() => isSigned(ecdsa, keyOf(rsa.publicKey), data, Buffer.alloc(256)))).toBe(
      'algorithm.unknown',
    );
  });

  test('a key for PSS alone is for PSS alone', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa-pss', {
      modulusLength: 2048,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha256',
    });
    const key = keyOf(publicKey);
    const signature = sign('sha256', data, {
      key: privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    });
    expect(await isSigned(algorithm(pss(HASHES.sha256, { salt: 32 })), key, data, signature)).toBe(true);
    expect(await refusalOf(() => isSigned(pkcs1, key, data, signature))).toBe('algorithm.unknown');
  });

  test.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(70)],
    ['r = s = 0', write.sequence(write.integer(0), write.integer(0))],
    ['one number', write.sequence(write.integer(1))],
    ['plain r ‖ s, as chips write it', sign('sha256', data, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })],
    ['bytes after the end', Buffer.concat([sign('sha256', data, ec.privateKey), Buffer.from([0])])],
  ])('an ECDSA signature that is %s is just wrong', async (_, signature) => {
    expect(await isSigned(ecdsa, keyOf(ec.publicKey), data, signature)).toBe(false);
  });

  test.each([0, 1, 255, 257, 5000])('an RSA signature of %d octets is just wrong', async (length) => {
    expect(await isSigned(pkcs1, keyOf(rsa.publicKey), data, Buffer.alloc(length, 1))).toBe(false);
  });
});
