import { demand } from '../refusal.ts';
import { type Certificate, isValidAt } from './certificate.ts';

/**
 * Refuses a certificate that may not sign documents, by what it says of itself (Doc 9303-12 §7.1.1, Table 5). Asked anew for
 * every document, for the moment moves on.
 */
export function checkDocumentSigner(signer: Certificate, now: Date): void {
  demand(!signer.isCa && !signer.keyUsage?.keyCertSign, 'dsc.is_ca', signer.subject.text);
  demand(signer.keyUsage?.digitalSignature, 'dsc.key_usage', 'no digital signature');
  // The same authorities issue certificates for master lists, seals and servers: those name their use here, a document
  // signer names none.
  demand(signer.extendedKeyUsage.length === 0, 'dsc.key_usage', signer.extendedKeyUsage.join(' '));
  demand(isValidAt(signer, now), 'dsc.validity', `until ${signer.notAfter.toISOString()}`);
  demand(signer.country !== '' && signer.country === signer.issuerCountry, 'dsc.country', signer.subject.text);
}

/**
 * Refuses a document of a type that the signer may not sign (Doc 9303-12 §7.1.1.6). A list entry of one letter stands for
 * every code that begins with it: `I` for `ID`. A signer without a list is of before it was required.
 */
export function checkDocumentType(signer: Certificate, documentCode: string): void {
  const code = documentCode.replace(/<+$/, '');
  const listed = signer.documentTypes?.some((type) => type === code || (type.length === 1 && code.startsWith(type)));
  demand(listed ?? true, 'dsc.document_type', `${code} is not in ${signer.documentTypes?.join(' ')}`);
}
