import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXTENSION } from '../../../../../src/sandbox/cards/authority/certificate-builder.ts';
import { integer, sequence, setOf } from '../../../../../src/standards/icao9303/asn1/write.ts';
import {
  FOREIGN_PROFILE,
  passiveAuthentication,
} from '../../../../../src/standards/icao9303/passive-authentication.ts';
import { parsePublicKey } from '../../../../../src/standards/icao9303/pki/algorithms/public-key.ts';
import { createAnchors } from '../../../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { headingOf } from '../../../../../src/standards/icao9303/pki/data-groups.ts';
import { parseMasterList } from '../../../../../src/standards/icao9303/pki/master-list.ts';
import { parseRevocationList } from '../../../../../src/standards/icao9303/pki/revocation-list.ts';
import { parseSecurityObject } from '../../../../../src/standards/icao9303/pki/security-object.ts';
import { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import {
  ATTRIBUTE,
  aList,
  aMessage,
  anAuthority,
  aSecurityObject,
  aSigner,
  day,
  dg1,
  digest,
  ecKey,
  NOW,
} from '../../../../support/card-authority.ts';
import { vectors } from '../../../../support/card-vectors.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);

const authority = anAuthority({
  key: ecKey('brainpoolP256r1', 'explicit'),
  extensions: {
    period: EXTENSION.privateKeyUsage(day('2022-01-01'), day('2030-01-01')),
    place: EXTENSION.subjectPlace('UTO'),
  },
});
const signer = aSigner(authority);
const content = sequence(integer(0), setOf(authority.certificate));
const masterList = aMessage(content, signer, {
  contentType: '2.23.136.1.1.2',
  attributes: [ATTRIBUTE.contentType('2.23.136.1.1.2'), ATTRIBUTE.digest(digest(content)), ATTRIBUTE.signingTime(NOW)],
});
const real = (name: string): Buffer[] => (vectors ? [readFileSync(join(vectors, name))] : []);
const sods = [
  aSecurityObject(signer),
  ...['AT', 'FR', 'MY', 'NZ'].flatMap((country) => real(`sod/${country}_EF_SOD.bin`)),
  ...real('bsi/pymrtd_sod_0.bin'),
];

const PARSERS: [name: string, seeds: Buffer[], parse: (bytes: Buffer) => unknown][] = [
  [
    'certificate',
    [authority.certificate, signer.certificate, ...real('masterlist/DE_ROOT_CA_CSCA07.cer')],
    parseCertificate,
  ],
  ['public key', [authority.key.publicKey], (bytes) => parsePublicKey(bytes).object()],
  ['revocation list', [aList(authority, { revoked: [1, 2, 3] })], parseRevocationList],
  ['master list', [masterList], parseMasterList],
  ['security object', sods, (bytes) => parseSecurityObject(bytes, { encoding: 'ber', earlyContentType: true })],
  ['security object in DER', sods, (bytes) => parseSecurityObject(bytes, { encoding: 'der', earlyContentType: false })],
  ['DG1', [dg1()], headingOf],
];

interface Edit {
  kind: 'set' | 'cut' | 'put' | 'end' | 'copy';
  at: number;
  length: number;
  bytes: Uint8Array;
}
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom<Edit['kind']>('set', 'cut', 'put', 'end', 'copy'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 40 }),
    // Octets that mean something in ASN.1 come more often than chance would bring them.
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc
        .constantFrom([0x30, 0x80], [0x84, 0xff, 0xff, 0xff, 0xff], [0, 0], [0x31, 0], [0xff], [2, 0], [0x1f, 0x80])
        .map((list) => Uint8Array.from(list)),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

function edited(seed: Buffer, list: readonly Edit[]): Buffer {
  return list.reduce((file, { kind, at, length, bytes }) => {
    const place = Math.floor(at * file.length);
    const [before, after] = [file.subarray(0, place), file.subarray(place)];
    if (kind === 'set') return Buffer.concat([before, bytes, after.subarray(bytes.length)]);
    if (kind === 'cut') return Buffer.concat([before, after.subarray(length)]);
    if (kind === 'put') return Buffer.concat([before, bytes, after]);
    if (kind === 'copy') return Buffer.concat([before, after.subarray(0, length), after]);
    return before;
  }, seed);
}

/** Reads, and says whether it was read; anything thrown but a refusal fails the property. */
function isRead(parse: (bytes: Buffer) => unknown, bytes: Buffer): boolean {
  try {
    parse(bytes);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

describe.each(PARSERS)('any %s', (_, seeds, parse) => {
  test('of random bytes is refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !isRead(parse, Buffer.from(bytes))),
      { numRuns: RUNS },
    );
  });

  test('that was changed in places is read or refused, and nothing else happens', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...seeds), edits, (seed, list) => {
        if (!isRead(parse, edited(seed, list))) refused += 1;
      }),
      { numRuns: RUNS },
    );
    expect(refused).toBeGreaterThan(RUNS / 2);
  });

  test('that ends early is refused at every length', () => {
    expect(isRead(parse, seeds[0]!)).toBe(true);
    for (const seed of seeds) {
      for (let length = 0; length < seed.length; length += 1)
        expect(isRead(parse, seed.subarray(0, length)), String(length)).toBe(false);
    }
  });
});

test('no bit of a security object can be turned so that something else is believed', async () => {
  const trust = createAnchors({
    version: '1',
    anchors: [{ certificate: parseCertificate(authority.certificate), national: false }],
    lists: [],
  });
  const sod = aSecurityObject(signer);
  const dataGroups = new Map([[1, dg1()]]);
  const verify = (bytes: Buffer) =>
    passiveAuthentication({
      sod: bytes,
      dataGroups,
      trust,
      profile: { ...FOREIGN_PROFILE, encoding: 'der' },
      now: NOW,
    });
  const honest = await verify(sod);
  let refused = 0;
  for (let place = 0; place < sod.length; place += 1) {
    const changed = Buffer.from(sod);
    changed[place]! ^= 1 << (place % 8);
    const verdict = await verify(changed).catch((error: unknown) =>
      error instanceof Refused ? 'refused' : Promise.reject(error),
    );
    if (verdict === 'refused') refused += 1;
    // Unsigned are the digest algorithms that are announced in front, and letter case where the signer is named.
    else expect(verdict, `bit ${place % 8} of octet ${place}`).toEqual(honest);
  }
  expect(refused).toBeGreaterThan(sod.length * 0.95);
});

test('a revocation list of a megabyte and a nest of forty thousand levels are settled in a moment', () => {
  const began = performance.now();
  const full = aList(authority, { revoked: Array.from({ length: 45_000 }, (_, place) => place + 1) });
  expect(parseRevocationList(full).revoked.size).toBe(45_000);
  const deep = Buffer.alloc(65_000, Buffer.from([0x30, 0x80]));
  for (const [, , parse] of PARSERS) expect(isRead(parse, deep)).toBe(false);
  expect(performance.now() - began).toBeLessThan(10_000);
}, 20_000);
