import { integer, octetString, oid, printableString, sequence, tlv } from '../../standards/icao9303/asn1/write.ts';
import { type MessageFlaw, type MessageSigner, signedData } from './authority/signed-data.ts';
import { type HashName, hashAlgorithm, hashOf } from './authority/signing-key.ts';

/** What a security object may do wrong, beside what a message may. */
export type SecurityObjectFlaw =
  | MessageFlaw
  | 'other-content-type'
  | 'group-twice'
  | 'unknown-group'
  | 'short-hash'
  | 'version-2'
  | 'indefinite-length'
  | 'second-object';

export interface SecurityObjectWish {
  /** The data groups as they will stand on the chip, by number. */
  readonly dataGroups: ReadonlyMap<number, Buffer>;
  readonly signer: MessageSigner;
  readonly hash?: HashName | undefined;
  /** Of LDSSecurityObject: 1 says the version of the data structure, 0 does not. */
  readonly version?: 0 | 1 | undefined;
  readonly flaw?: SecurityObjectFlaw | undefined;
}

/** EF.SOD (9303-10 §4.6.2): the hash of every data group, signed. DER, unless the flaw is another encoding. */
export function writeSecurityObject({ dataGroups, signer, hash = 'SHA-256', version = 1, flaw }: SecurityObjectWish) {
  const entry = (number: number, digest: Buffer): Buffer => sequence(integer(number), octetString(digest));
  const entries = [...dataGroups]
    .sort(([one], [other]) => one - other)
    .map(([number, file]) => {
      const digest = hashOf(hash, file);
      return entry(number, flaw === 'short-hash' ? digest.subarray(1) : digest);
    });
  if (flaw === 'group-twice') entries.push(entries[0]!);
  if (flaw === 'unknown-group') entries.push(entry(17, hashOf(hash, Buffer.alloc(0))));
  const content = sequence(
    integer(flaw === 'version-2' ? 2 : version),
    hashAlgorithm(hash),
    sequence(...entries),
    ...(version === 1 ? [sequence(printableString('0108'), printableString('040000'))] : []),
  );
  const message = signedData({
    contentType: flaw === 'other-content-type' ? '1.2.840.113549.1.7.1' : '2.23.136.1.1.1',
    content,
    hash,
    signer,
    flaw: isMessageFlaw(flaw) ? flaw : undefined,
  });
  const file = tlv(0x77, flaw === 'indefinite-length' ? indefinite(message) : message);
  return flaw === 'second-object' ? tlv(0x77, message, oid('2.999')) : file;
}

const OWN: readonly (SecurityObjectFlaw | undefined)[] = [
  ...(['other-content-type', 'group-twice', 'unknown-group', 'short-hash', 'version-2'] as const),
  ...(['indefinite-length', 'second-object', undefined] as const),
];
const isMessageFlaw = (flaw: SecurityObjectFlaw | undefined): flaw is MessageFlaw => !OWN.includes(flaw);

/** The same structure, its length said by an end mark (X.690 §8.1.3.6): BER, and no DER. */
const indefinite = (der: Buffer): Buffer => {
  const start = 2 + (der[1]! & 0x80 ? der[1]! & 0x7f : 0);
  return Buffer.concat([Buffer.from([der[0]!, 0x80]), der.subarray(start), Buffer.from([0, 0])]);
};
