import { expect, test } from 'vitest';
import {
  NATIONAL_PROFILE,
  type PassiveInput,
  passiveAuthentication,
} from '../../../../../src/standards/icao9303/passive-authentication.ts';
import { type Anchor, createAnchors } from '../../../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { parseRevocationList } from '../../../../../src/standards/icao9303/pki/revocation-list.ts';
import type { RefusalCode } from '../../../../../src/standards/icao9303/refusal.ts';
import {
  aList,
  anAuthority,
  aSecurityObject,
  aSigner,
  dg1,
  NOW,
  type TestIssuer,
} from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';

/** One clause of the checklist: what it says, the one code it is refused with, and an input that breaks it. */
export type Clause = readonly [clause: string, code: RefusalCode, act: () => unknown];

/** Shows the refusal of each clause. The name of the test is the clause and its code. */
export const refuses = (clauses: readonly Clause[]): void =>
  test.each(clauses)('%s: %s', async (_, code, act) => {
    expect(await refusalOf(act)).toBe(code);
  });

export const anchor = ({ certificate }: TestIssuer, national: boolean): Anchor => ({
  certificate: parseCertificate(certificate),
  national,
});
export const trusting = (anchors: readonly Anchor[], lists: readonly Buffer[] = [], version = '1') =>
  createAnchors({ version, anchors, lists: lists.map(parseRevocationList) });

/** The pinned authority of our country, and one of another that is merely known. */
export const national = anAuthority({ name: { country: 'VN', commonName: 'CSCA Viet Nam' } });
export const foreign = anAuthority();
export const signer = aSigner(national);
export const trust = trusting([anchor(national, true), anchor(foreign, false)], [aList(national)]);

/** A card of ours: what it holds beside DG1 is bytes here. */
export const card: ReadonlyMap<number, Buffer> = new Map([
  [1, dg1('IDVNM')],
  [2, Buffer.from('portrait')],
  [13, Buffer.from('national data')],
  [14, Buffer.from('protocols')],
  [15, Buffer.from('key')],
]);

/** Passive authentication of that card, honest but for what is given. */
export const authenticate = (input: Partial<PassiveInput> = {}) =>
  passiveAuthentication({
    sod: aSecurityObject(signer, card),
    dataGroups: card,
    trust,
    profile: NATIONAL_PROFILE,
    now: NOW,
    ...input,
  });
