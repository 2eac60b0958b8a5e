import { expect, test } from 'vitest';
import { EXTENSION } from '../../../../../src/sandbox/cards/authority/certificate-builder.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { NATIONAL_PROFILE } from '../../../../../src/standards/icao9303/passive-authentication.ts';
import { createAnchors } from '../../../../../src/standards/icao9303/pki/anchors.ts';
import { type CardSecurityInput, verifyCardSecurity } from '../../../../../src/standards/icao9303/pki/card-security.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { createChainCache } from '../../../../../src/standards/icao9303/pki/chain.ts';
import { parseRevocationList } from '../../../../../src/standards/icao9303/pki/revocation-list.ts';
import { aList, aMessage, anAuthority, aSigner, day, NOW } from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';

const TYPE = '0.4.0.127.0.7.3.2.1';
const authority = anAuthority({ name: { country: 'VN' } });
const signer = aSigner(authority);
const infos = write.setOf(write.sequence(write.oid('0.4.0.127.0.7.2.2.4.2.2'), write.integer(2), write.integer(12)));
const file = aMessage(infos, signer, { contentType: TYPE });
const trusting = (national: boolean, revoked: readonly number[] = []) =>
  createAnchors({
    version: '1',
    anchors: [{ certificate: parseCertificate(authority.certificate), national }],
    lists: [parseRevocationList(aList(authority, { revoked }))],
  });
const verify = (bytes: Buffer, more: Partial<CardSecurityInput> = {}) =>
  verifyCardSecurity(bytes, { trust: trusting(true), profile: NATIONAL_PROFILE, now: NOW, ...more });

test('EF.CardSecurity gives what its signer signed, remembered chain or not', async () => {
  const cache = createChainCache();
  expect(await verify(file, { cache })).toEqual(infos);
  expect(await verify(file, { cache })).toEqual(infos);
});

const authorityAsSigner = aSigner(authority, { extensions: { basicConstraints: EXTENSION.basicConstraints(0) } });
const forged = aMessage(infos, signer, {
  contentType: TYPE,
  signature: (bytes) => authority.key.sign(bytes, 'SHA-256'),
});
test.each<[string, Buffer, Partial<CardSecurityInput>, string]>([
  ['of more than 64 kB', Buffer.alloc(65_537), {}, 'input.too_large'],
  ['that is a security object', aMessage(infos, signer), {}, 'sod.content_type'],
  ['that somebody else signed', forged, {}, 'sod.signature'],
  ['of a signer that may not sign', aMessage(infos, authorityAsSigner, { contentType: TYPE }), {}, 'dsc.is_ca'],
  ['of a signer that has expired', file, { now: day('2036-01-02') }, 'dsc.validity'],
  ['of a revoked signer', file, { trust: trusting(true, [100]) }, 'dsc.revoked'],
  ['of an authority that was never pinned', file, { trust: trusting(false) }, 'csca.foreign'],
])('EF.CardSecurity %s is refused', async (_, bytes, more, code) => {
  expect(await refusalOf(() => verify(bytes, more))).toBe(code);
});
