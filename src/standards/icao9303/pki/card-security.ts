import { read } from '../asn1/read.ts';
import { demand } from '../refusal.ts';
import { authorityOf, type ChainInput, chainOf, signerFrom } from './chain.ts';
import { checkDocumentSigner } from './document-signer.ts';
import { checkRevocation, type RevocationPolicy } from './revocation.ts';
import { isSignedBy, signedDataFrom } from './signed-data.ts';

const SECURITY_OBJECT = '0.4.0.127.0.7.3.2.1';
const MAX_BYTES = 65_536;

/** On whose word EF.CardSecurity is believed. */
export interface CardSecurityInput extends ChainInput {
  readonly profile: {
    readonly encoding: 'ber' | 'der';
    readonly national: boolean;
    readonly revocation: RevocationPolicy;
  };
  readonly now: Date;
}

/**
 * The signed SecurityInfos of EF.CardSecurity (Doc 9303-11 §9.2.11, BSI TR-03110-3 §A.1.2.5), as their DER bytes. Refuses
 * what passive authentication refuses, except for what only a security object has.
 */
export async function verifyCardSecurity(
  file: Buffer,
  { trust, cache, profile, now }: CardSecurityInput,
): Promise<Buffer> {
  demand(file.length <= MAX_BYTES, 'input.too_large', 'CardSecurity');
  const signedData = signedDataFrom(read(file, { encoding: profile.encoding, maxNodes: 4_000 }), [SECURITY_OBJECT]);
  const known = signerFrom(signedData.signer, { trust, cache });
  checkDocumentSigner(known.signer, now);
  demand(await isSignedBy(signedData, known.signer), 'sod.signature', known.signer.subject.text);
  const chain = 'vouchers' in known ? known : await chainOf(known.signer, { trust, cache });
  const authority = authorityOf(chain, { now, national: profile.national }).certificate;
  checkRevocation(known.signer, authority, { trust, policy: profile.revocation, now });
  return signedData.content;
}
