import type { Cipher } from '../../standards/icao9303/access/ciphers.ts';
import { integer, oid, sequence, setOf, tlv } from '../../standards/icao9303/asn1/write.ts';
import { publicKeyInfo } from './authority/keys.ts';
import type { ActiveKey, ChipOptions } from './chip-options.ts';

const BSI = '0.4.0.127.0.7';
const LAST_ARC: Readonly<Record<Cipher, number>> = { '3DES': 1, 'AES-128': 2, 'AES-192': 3, 'AES-256': 4 };
/** Standardised domain parameters (9303-11 §9.5.1). */
const PARAMETER_ID = { 'P-256': 12, brainpoolP256r1: 13, 'P-384': 15 } as const;

/** id-PACE-ECDH-GM with a cipher (9303-11 §9.2.1). */
export const paceProtocol = (cipher: Cipher): string => `${BSI}.2.2.4.2.${LAST_ARC[cipher]}`;
/** id-CA-ECDH with a cipher (9303-11 §9.2.5). */
export const chipProtocol = (cipher: Cipher): string => `${BSI}.2.2.3.2.${LAST_ARC[cipher]}`;

const paceInfo = ({ pace }: ChipOptions): Buffer[] =>
  pace ? [sequence(oid(paceProtocol(pace.cipher)), integer(2), integer(PARAMETER_ID[pace.curve]))] : [];

/** EF.CardAccess (9303-11 §9.2.8), which is read before the chip opens; none without PACE. */
export const writeCardAccess = (options: ChipOptions): Buffer | undefined =>
  options.pace ? setOf(...paceInfo(options)) : undefined;

/** EF.DG14 (9303-10 §4.7.14): what EF.CardAccess says, once more and signed, and the protocols of the chip. */
export function writeDg14(options: ChipOptions): Buffer | undefined {
  const { chipAuthentication: chip, active } = options;
  const keyId = chip?.keyId === undefined ? [] : [integer(chip.keyId)];
  const infos = [
    ...paceInfo(options),
    ...(chip
      ? [
          sequence(oid(chipProtocol(chip.cipher)), integer(1), ...keyId),
          sequence(oid(`${BSI}.2.2.1.2`), publicKeyInfo(chip.key, chip.parameters), ...keyId),
        ]
      : []),
    // Only ECDSA says its hash here (9303-11 §9.2.4); RSA says it in the trailer of each answer.
    ...(active?.kind === 'ECDSA' ? [sequence(oid('2.23.136.1.1.5'), integer(1), oid(`${BSI}.1.1.4.1.3`))] : []),
  ];
  return infos.length === 0 ? undefined : tlv(0x6e, setOf(...infos));
}

/** EF.DG15: the public key of active authentication (9303-10 §4.7.15). */
export const writeDg15 = (key: ActiveKey): Buffer =>
  tlv(0x6f, key.kind === 'ECDSA' ? publicKeyInfo(key.key) : key.publicKey.export({ type: 'spki', format: 'der' }));
