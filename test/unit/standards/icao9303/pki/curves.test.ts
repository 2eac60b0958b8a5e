import { createECDH, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { CURVES, type CurveName } from '../../../../../src/standards/icao9303/pki/algorithms/curve-parameters.ts';
import { parsePublicKey } from '../../../../../src/standards/icao9303/pki/algorithms/public-key.ts';
import { refusalOf } from '../../../../support/refusals.ts';

const OPENSSL: Record<string, string> = {
  'P-192': 'prime192v1',
  'P-224': 'secp224r1',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};
const names = Object.keys(CURVES) as CurveName[];
const openssl = (name: CurveName): string => OPENSSL[name] ?? name;
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

interface Explicit {
  version?: number;
  field?: string;
  p?: string;
  a?: string;
  b?: string;
  base?: Buffer;
  n?: string;
  cofactor?: number | undefined;
  seed?: Buffer;
  more?: Buffer[];
}

/** A key of a curve with its parameters written out, one of them changed. */
function explicitKey(name: CurveName, change: Explicit = {}): Buffer {
  const known = CURVES[name];
  const { p, a, b, n } = { ...known, ...change };
  const G = change.base ?? bytes(`04${known.x}${known.y}`);
  const cofactor = 'cofactor' in change ? change.cofactor : 1;
  return write.sequence(
    write.sequence(
      write.oid('1.2.840.10045.2.1'),
      write.sequence(
        write.integer(change.version ?? 1),
        write.sequence(write.oid(change.field ?? '1.2.840.10045.1.1'), write.integer(bytes(p))),
        write.sequence(
          write.octetString(bytes(a)),
          write.octetString(bytes(b)),
          ...(change.seed ? [write.bitString(change.seed)] : []),
        ),
        write.octetString(G),
        write.integer(bytes(n)),
        ...(cofactor === undefined ? [] : [write.integer(cofactor)]),
        ...(change.more ?? []),
      ),
    ),
    // The generator itself is a point of the curve.
    write.bitString(bytes(`04${known.x}${known.y}`)),
  );
}
const altered = (hex: string): string => hex.slice(0, -1) + (hex.endsWith('0') ? '2' : '0');

describe.each(names)('%s', (name) => {
  const curve = CURVES[name];

  test('has the generator and the order that OpenSSL has', () => {
    const one = createECDH(openssl(name));
    one.setPrivateKey(bytes('01'.padStart(curve.n.length, '0')));
    expect(one.getPublicKey('hex')).toBe(`04${curve.x}${curve.y}`);
    const last = createECDH(openssl(name));
    last.setPrivateKey(bytes((BigInt(`0x${curve.n}`) - 1n).toString(16).padStart(curve.n.length, '0')));
    // (n − 1)·G = −G: the same x, and the two y make p.
    const [x, y] = [
      last.getPublicKey('hex').slice(2, 2 + curve.x.length),
      last.getPublicKey('hex').slice(2 + curve.x.length),
    ];
    expect(x).toBe(curve.x);
    expect(BigInt(`0x${y}`) + BigInt(`0x${curve.y}`)).toBe(BigInt(`0x${curve.p}`));
  });

  test('satisfies its own equation', () => {
    const [p, a, b, x, y] = [curve.p, curve.a, curve.b, curve.x, curve.y].map((hex) => BigInt(`0x${hex}`)) as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    expect((y * y - (x * x * x + a * x + b)) % p).toBe(0n);
  });

  test('is recognised by its name and by its parameters as OpenSSL writes them, and is named afterwards', () => {
    for (const paramEncoding of ['named', 'explicit'] as const) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: openssl(name), paramEncoding });
      const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'der' }));
      expect(key).toMatchObject({ kind: 'EC', curve: name, bits: curve.bits });
      expect(key.object().asymmetricKeyDetails?.namedCurve).toBe(openssl(name));
    }
  });
});

describe('explicit parameters', () => {
  const generatorOfChoice = (): Buffer => {
    // CVE-2020-0601: whoever takes the known public key Q for the generator knows its private key: 1.
    const ecdh = createECDH('prime256v1');
    return ecdh.generateKeys();
  };
  const strange: [what: string, change: Explicit][] = [
    ['another prime', { p: altered(CURVES['P-256'].p) }],
    ['another a', { a: altered(CURVES['P-256'].a) }],
    ['another b', { b: altered(CURVES['P-256'].b) }],
    ['another order', { n: altered(CURVES['P-256'].n) }],
    ['another cofactor', { cofactor: 2 }],
    ['a generator of somebody’s choice (CVE-2020-0601)', { base: generatorOfChoice() }],
    ['the negative generator, compressed', { base: bytes(`02${CURVES['P-256'].x}`) }],
    ['a generator at infinity', { base: bytes('00') }],
    ['a hybrid generator', { base: bytes(`07${CURVES['P-256'].x}${CURVES['P-256'].y}`) }],
    ['another version', { version: 4 }],
    ['a binary field', { field: '1.2.840.10045.1.2' }],
    ['a part too many', { more: [write.nothing()] }],
    ['the order of its neighbour', { n: CURVES.brainpoolP256r1.n }],
  ];

  test.each(strange)('%s is no curve', async (_, change) => {
    expect(await refusalOf(() => parsePublicKey(explicitKey('P-256', change)))).toBe('algorithm.curve');
  });

  test.each<[string, Explicit]>([
    ['a compressed generator', { base: bytes(`03${CURVES['P-256'].x}`) }],
    ['no cofactor', { cofactor: undefined }],
    ['a seed', { seed: Buffer.alloc(20, 7) }],
    ['leading zeros of a and b cut off or added', { a: `00${CURVES['P-256'].a}`, b: CURVES['P-256'].b }],
  ])('%s makes no difference', (_, change) => {
    expect(parsePublicKey(explicitKey('P-256', change)).curve).toBe('P-256');
  });

  test('the same key, named or written out, is one key', () => {
    const named = write.sequence(
      write.sequence(write.oid('1.2.840.10045.2.1'), write.oid(CURVES['P-256'].oid)),
      write.bitString(bytes(`04${CURVES['P-256'].x}${CURVES['P-256'].y}`)),
    );
    expect(parsePublicKey(explicitKey('P-256')).spki).toEqual(parsePublicKey(named).spki);
  });

  test('a point that is not on the curve is refused when the key is used', async () => {
    const point = bytes(`04${CURVES['P-256'].x}${altered(CURVES['P-256'].y)}`);
    const spki = write.sequence(
      write.sequence(write.oid('1.2.840.10045.2.1'), write.oid(CURVES['P-256'].oid)),
      write.bitString(point),
    );
    expect(await refusalOf(() => parsePublicKey(spki).object())).toBe('algorithm.curve');
  });

  test.each(['secp256k1', 'brainpoolP256t1', 'secp160r1'])('%s is not on the list', async (namedCurve) => {
    for (const paramEncoding of ['named', 'explicit'] as const) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve, paramEncoding });
      const spki = publicKey.export({ type: 'spki', format: 'der' });
      expect(await refusalOf(() => parsePublicKey(spki)), paramEncoding).toBe('algorithm.curve');
    }
  });

  test('parameters left to the issuer, or none, are no curve', async () => {
    for (const parameters of [[write.nothing()], []]) {
      const spki = write.sequence(
        write.sequence(write.oid('1.2.840.10045.2.1'), ...parameters),
        write.bitString(Buffer.from([4])),
      );
      expect(await refusalOf(() => parsePublicKey(spki))).toBe('algorithm.curve');
    }
  });
});

describe('the point of a key', () => {
  const { x, y, oid } = CURVES['P-256'];
  const keyOf = (point: string, ...more: Buffer[]): Buffer =>
    write.sequence(
      write.sequence(write.oid('1.2.840.10045.2.1'), write.oid(oid)),
      write.bitString(bytes(point)),
      ...more,
    );

  test('may be compressed', () => {
    const { object } = parsePublicKey(keyOf(`03${x}`));
    expect(object().equals(parsePublicKey(keyOf(`04${x}${y}`)).object())).toBe(true);
    expect(
      parsePublicKey(keyOf(`02${x}`))
        .object()
        .equals(object()),
    ).toBe(false);
  });

  test.each([
    ['at infinity', '00'],
    ['hybrid', `07${x}${y}`],
    ['cut short', `04${x}${y.slice(2)}`],
    ['too long', `04${x}${y}00`],
    ['compressed and too long', `03${x}${y}`],
    ['uncompressed and half', `04${x}`],
    ['missing', ''],
  ])('is refused when it is %s', async (_, point) => {
    expect(await refusalOf(() => parsePublicKey(keyOf(point)))).toBe('algorithm.curve');
  });

  test('is the last thing of a key', async () => {
    expect(await refusalOf(() => parsePublicKey(keyOf(`04${x}${y}`, write.nothing())))).toBe('asn1.unexpected');
  });
});

describe('RSA keys', () => {
  const rsa = (n: Buffer, e: number | bigint): Buffer =>
    write.sequence(
      write.sequence(write.oid('1.2.840.113549.1.1.1'), write.nothing()),
      write.bitString(write.sequence(write.integer(n), write.integer(e))),
    );
  const odd = (octets: number): Buffer => Buffer.alloc(octets, 0xff);

  test('have the size of their modulus', () => {
    expect(parsePublicKey(rsa(odd(256), 65537)).bits).toBe(2048);
    expect(parsePublicKey(rsa(Buffer.concat([Buffer.from([1]), odd(255)]), 3)).bits).toBe(2041);
  });

  test.each<[string, Buffer, number | bigint]>([
    ['an exponent of 1', odd(256), 1],
    ['an even exponent', odd(256), 65536],
    ['an exponent of 65 bits', odd(256), (1n << 64n) + 1n],
    ['an even modulus', Buffer.concat([odd(255), Buffer.from([0xfe])]), 65537],
    ['a modulus of 8,200 bits', odd(1025), 65537],
  ])('with %s are refused', async (_, n, e) => {
    expect(await refusalOf(() => parsePublicKey(rsa(n, e)))).toBe('algorithm.unknown');
  });

  test('of another kind (DSA, Ed25519) are refused', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    expect(await refusalOf(() => parsePublicKey(spki))).toBe('algorithm.unknown');
  });
});
