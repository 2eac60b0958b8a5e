import { describe, expect, test } from 'vitest';
import { EXTENSION } from '../../../../../src/sandbox/cards/authority/certificate-builder.ts';
import { read } from '../../../../../src/standards/icao9303/asn1/read.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { createAnchors } from '../../../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { checkRevocation } from '../../../../../src/standards/icao9303/pki/revocation.ts';
import {
  newerRevocationList,
  parseRevocationList,
  verifyRevocationList,
} from '../../../../../src/standards/icao9303/pki/revocation-list.ts';
import { aList, anAuthority, aSigner, day, ecKey, NOW, type TestIssuer } from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';

const authority = anAuthority();
const csca = parseCertificate(authority.certificate);

/** A list whose parts are changed before it is put together again; its signature is then of something else. */
function rebuilt(change: (parts: Buffer[]) => Buffer[]): Buffer {
  const [tbs, algorithm, signature] = read(aList(authority, { revoked: [5] }), { encoding: 'der' }).children;
  return write.sequence(
    write.sequence(...change(tbs!.children.map(({ bytes }) => bytes))),
    algorithm!.bytes,
    signature!.bytes,
  );
}
const extensions = (...list: Buffer[]): Buffer => write.tlv(0xa0, write.sequence(...list));
const critical = (type: string): Buffer =>
  write.sequence(write.oid(type), write.boolean(true), write.octetString(write.sequence()));
const entry = (...more: Buffer[]): Buffer => write.sequence(write.sequence(write.integer(5), write.time(NOW), ...more));

describe('a revocation list', () => {
  test('is read to what it says', () => {
    expect(parseRevocationList(aList(authority, { revoked: [5, 0xabc], number: 12 }))).toMatchObject({
      number: 12n,
      thisUpdate: day('2026-05-01'),
      nextUpdate: day('2026-08-01'),
      revoked: new Set(['5', 'abc']),
      issuer: { text: 'CN=CSCA Utopia,O=Government,C=UT' },
      authorityKeyId: csca.subjectKeyId,
    });
    expect(parseRevocationList(aList(authority)).revoked.size).toBe(0);
  });

  test('is believed when its authority signed it', async () => {
    expect(await refusalOf(() => verifyRevocationList(parseRevocationList(aList(authority)), csca))).toBe('none');
  });

  const other = anAuthority({ name: { commonName: 'CSCA of others' } });
  test.each<[string, Buffer, TestIssuer]>([
    ['signed by another key', aList(authority, { by: ecKey() }), authority],
    ['of another authority', aList(other), authority],
    [
      'of one that may not sign lists',
      aList(authority),
      {
        ...authority,
        ...anAuthority({ key: authority.key, extensions: { keyUsage: EXTENSION.keyUsage('keyCertSign') } }),
      },
    ],
    [
      'of one that is no authority',
      aList(authority),
      { ...authority, ...anAuthority({ key: authority.key, extensions: { basicConstraints: undefined } }) },
    ],
    ['whose entries were changed', rebuilt((parts) => [...parts.slice(0, 5), ...parts.slice(6)]), authority],
  ])('%s is refused', async (_, der, { certificate }) => {
    expect(await refusalOf(() => verifyRevocationList(parseRevocationList(der), parseCertificate(certificate)))).toBe(
      'crl.signature',
    );
  });

  test.each<[string, Buffer, string]>([
    [
      'without a number',
      rebuilt((parts) => [...parts.slice(0, -1), extensions(EXTENSION.authorityKey(Buffer.alloc(20)))]),
      'crl.malformed',
    ],
    ['without extensions', rebuilt((parts) => parts.slice(0, -1)), 'crl.malformed'],
    ['without a next update', rebuilt((parts) => parts.filter((_, place) => place !== 4)), 'crl.malformed'],
    ['of version 1', rebuilt((parts) => parts.slice(1)), 'crl.malformed'],
    [
      'of changes alone (delta)',
      rebuilt((parts) => [...parts.slice(0, -1), extensions(EXTENSION.listNumber(1), critical('2.5.29.27'))]),
      'certificate.extension',
    ],
    [
      'of a part of the certificates',
      rebuilt((parts) => [...parts.slice(0, -1), extensions(EXTENSION.listNumber(1), critical('2.5.29.28'))]),
      'certificate.extension',
    ],
    [
      'with an entry of another issuer',
      rebuilt((parts) => [...parts.slice(0, 5), entry(write.sequence(critical('2.5.29.29'))), parts.at(-1)!]),
      'certificate.extension',
    ],
    [
      'with an entry of too many parts',
      rebuilt((parts) => [...parts.slice(0, 5), entry(write.sequence(), write.sequence()), parts.at(-1)!]),
      'crl.malformed',
    ],
    [
      'with a moment that is none',
      rebuilt((parts) =>
        parts.map((part, place) => (place === 3 ? write.tlv(0x17, Buffer.from('261301000000Z')) : part)),
      ),
      'crl.malformed',
    ],
    ['of more than a megabyte', Buffer.alloc(1_048_577), 'input.too_large'],
  ])('%s is refused', async (_, der, code) => {
    expect(await refusalOf(() => parseRevocationList(der))).toBe(code);
  });
});

describe('a revocation list is put together as the standard says', () => {
  const [tbs, algorithm, signature] = read(aList(authority, { revoked: [5] }), { encoding: 'der' }).children;
  const code = (...parts: Buffer[]) => refusalOf(() => parseRevocationList(write.sequence(...parts)));

  test('with the same algorithm inside and outside', async () => {
    const other = write.sequence(write.oid('1.2.840.10045.4.3.4'));
    expect(await code(tbs!.bytes, algorithm!.bytes, signature!.bytes)).toBe('none');
    expect(await code(tbs!.bytes, other, signature!.bytes)).toBe('crl.malformed');
  });

  test('with nothing more, outside, inside and after its extensions', async () => {
    expect(await code(tbs!.bytes, algorithm!.bytes, signature!.bytes, write.nothing())).toBe('crl.malformed');
    expect(await refusalOf(() => parseRevocationList(rebuilt((parts) => [...parts, write.nothing()])))).toBe(
      'crl.malformed',
    );
    const two = write.tlv(0xa0, write.sequence(EXTENSION.listNumber(1)), write.sequence());
    expect(await refusalOf(() => parseRevocationList(rebuilt((parts) => [...parts.slice(0, -1), two])))).toBe(
      'crl.malformed',
    );
  });

  test('with version 2, which is written as 1', async () => {
    const third = rebuilt((parts) => [write.integer(2), ...parts.slice(1)]);
    expect(await refusalOf(() => parseRevocationList(third))).toBe('crl.malformed');
  });

  test('and may call its number and its authority’s key critical', async () => {
    const marked = (type: string, value: Buffer) =>
      write.sequence(write.oid(type), write.boolean(true), write.octetString(value));
    const number = marked('2.5.29.20', write.integer(4));
    const key = marked('2.5.29.35', write.sequence(write.tlv(0x80, Buffer.alloc(20))));
    const list = parseRevocationList(rebuilt((parts) => [...parts.slice(0, -1), extensions(number, key)]));
    expect(list.number).toBe(4n);
  });

  test('and in the name of its own country', async () => {
    // One key for two countries: the list of the one says nothing of the other.
    const abroad = aList({ ...authority, name: { ...authority.name, country: 'XX' } });
    expect(await refusalOf(() => verifyRevocationList(parseRevocationList(abroad), csca))).toBe('crl.signature');
  });
});

describe('of two lists', () => {
  const list = (number: number, thisUpdate: string, revoked: number[] = []) =>
    parseRevocationList(aList(authority, { number, thisUpdate: day(thisUpdate), revoked }));
  const known = list(7, '2026-05-01');

  test('the first is taken, and a newer one replaces it', () => {
    expect(newerRevocationList(undefined, known)).toBe(known);
    const next = list(8, '2026-05-02');
    expect(newerRevocationList(known, next)).toBe(next);
  });

  test('the same again changes nothing', () => {
    expect(newerRevocationList(known, parseRevocationList(Buffer.from(known.der)))).toBe(known);
  });

  test.each<[string, number, string]>([
    ['an older number', 6, '2026-05-02'],
    ['the same number with other contents', 7, '2026-05-02'],
    ['a newer number from an older day', 8, '2026-04-30'],
  ])('%s is refused', async (_, number, thisUpdate) => {
    expect(await refusalOf(() => newerRevocationList(known, list(number, thisUpdate, [5])))).toBe('crl.rollback');
  });
});

describe('a signer', () => {
  const signer = parseCertificate(aSigner(authority, { serial: 5 }).certificate);
  const status = (lists: Buffer[], policy: { required: boolean; staleAfterDays: number }, now = NOW) =>
    checkRevocation(signer, csca, {
      trust: createAnchors({ version: '1', anchors: [], lists: lists.map(parseRevocationList) }),
      policy,
      now,
    });
  const strict = { required: true, staleAfterDays: 10 };
  const lenient = { required: false, staleAfterDays: 10 };

  test('of whom a fresh list says nothing is good', () => {
    expect(status([aList(authority)], strict)).toEqual({ status: 'fresh', number: '7', nextUpdate: day('2026-08-01') });
  });

  test('is revoked by a list of any age, under any policy', async () => {
    for (const policy of [strict, lenient]) {
      expect(await refusalOf(() => status([aList(authority, { revoked: [5] })], policy))).toBe('dsc.revoked');
      expect(await refusalOf(() => status([aList(authority, { revoked: [5] })], policy, day('2035-01-01')))).toBe(
        'dsc.revoked',
      );
    }
  });

  test('without a list is refused where one is wanted', async () => {
    expect(await refusalOf(() => status([], strict))).toBe('crl.missing');
    expect(status([], lenient)).toEqual({ status: 'unknown' });
  });

  test('is refused when the list is stale by more days than allowed, to the second', async () => {
    const until = day('2026-08-11').getTime();
    expect(await refusalOf(() => status([aList(authority)], strict, new Date(until)))).toBe('none');
    expect(await refusalOf(() => status([aList(authority)], strict, new Date(until + 1)))).toBe('crl.stale');
    expect(status([aList(authority)], lenient, new Date(until + 1)).status).toBe('stale');
  });

  test('of an authority that revoked itself is refused', async () => {
    expect(await refusalOf(() => status([aList(authority, { revoked: [1] })], strict))).toBe('csca.validity');
  });

  test('is revoked by the list of the authority’s newer key, and by that of its older one', async () => {
    const renewed = anAuthority({ serial: 2 });
    const older = aList(authority, { revoked: [5], thisUpdate: day('2026-04-01') });
    const newer = aList(renewed, { revoked: [6], thisUpdate: day('2026-05-01') });
    expect(await refusalOf(() => status([newer, older], strict))).toBe('dsc.revoked');
    expect(await refusalOf(() => status([aList(renewed, { revoked: [5] }), aList(authority)], strict))).toBe(
      'dsc.revoked',
    );
  });

  test('is good when a newer list of the same key lets it go', () => {
    const held = aList(authority, { revoked: [5], thisUpdate: day('2026-04-01'), number: 6 });
    expect(status([held, aList(authority)], strict).number).toBe('7');
  });

  test('is judged by the higher number of two lists of one moment', async () => {
    const [lower, higher] = [aList(authority, { number: 6 }), aList(authority, { number: 8, revoked: [5] })];
    for (const lists of [
      [lower, higher],
      [higher, lower],
    ])
      expect(await refusalOf(() => status(lists, strict))).toBe('dsc.revoked');
  });
});
