import { describe, expect, test } from 'vitest';
import { type Anchor, createAnchors } from '../../../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { certificateCountry } from '../../../../../src/standards/icao9303/pki/countries.ts';
import { anAuthority, aSigner, type TestIssuer } from '../../../../support/card-authority.ts';

const anchor = ({ certificate }: TestIssuer, national = false): Anchor => ({
  certificate: parseCertificate(certificate),
  national,
});
const trusting = (...anchors: Anchor[]) => createAnchors({ version: '1', anchors, lists: [] });

describe('candidates', () => {
  const authority = anAuthority();
  const signer = parseCertificate(aSigner(authority).certificate);

  test('are found by the identifier of the key, whatever their name', () => {
    const renamed = anchor(anAuthority({ key: authority.key, name: { commonName: 'CSCA 2' } }));
    expect(trusting(renamed).candidates(signer)).toEqual([renamed]);
  });

  test('are found by their name, whatever the identifier', () => {
    const unlike = anchor(anAuthority({ key: authority.key, extensions: { subjectKey: undefined } }));
    expect(trusting(unlike).candidates(signer)).toEqual([unlike]);
  });

  test('found by the key come first, and each once', () => {
    const [same, namesake, stranger] = [
      anchor(authority),
      anchor(anAuthority()),
      anchor(anAuthority({ name: { commonName: 'X' } })),
    ];
    expect(trusting(stranger, namesake, same).candidates(signer)).toEqual([same, namesake]);
  });

  test('of a country with pinned authorities are the pinned ones alone', () => {
    const pinned = anchor(anAuthority(), true);
    const offered = anchor(authority);
    expect(trusting(offered).candidates(signer)).toEqual([offered]);
    expect(trusting(offered, pinned).candidates(signer)).toEqual([pinned]);
    const elsewhere = anchor(anAuthority({ name: { country: 'XX' } }), true);
    expect(trusting(offered, elsewhere).candidates(signer)).toEqual([offered]);
  });
});

describe('the country of a machine readable zone', () => {
  test.each([
    ['VNM', 'VN'],
    ['D<<', 'DE'],
    ['D', 'DE'],
    ['AUT', 'AT'],
    ['GBR', 'GB'],
    ['CHN', 'CN'],
    ['UTO', 'UT'],
    ['UNO', 'UN'],
    ['EUE', 'EU'],
    ['RKS', 'KS'],
  ])('%s is %s in a certificate', (state, country) => {
    expect(certificateCountry(state)).toBe(country);
  });

  test.each(['DEU1', 'DE', 'XYZ', '', '<<<', 'vnm', 'VN<', '__proto__'])('%s is nobody’s', (state) => {
    expect(certificateCountry(state)).toBeUndefined();
  });

  test('every two letters that the runtime knows as a region of today are those of one state', () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const states = letters.flatMap((one) => letters.flatMap((two) => letters.map((three) => one + two + three)));
    const mapped = states.flatMap((state) => certificateCountry(state) ?? []);
    const inUse = (code: string) => names.of(code) !== undefined && new Intl.Locale(`und-${code}`).region === code;
    // Codes of the common locale data that are no states: islands, unions, pseudo regions.
    const others = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'XK', 'ZZ']);
    const regions = letters
      .flatMap((one) => letters.map((two) => one + two))
      .filter((code) => inUse(code) && !others.has(code));
    expect(regions.length).toBe(249);
    expect(regions.filter((code) => !mapped.includes(code))).toEqual([]);
  });
});
