import type { Cipher } from '../access/ciphers.ts';
import type { CurveName } from '../pki/algorithms/curve-parameters.ts';

/** BSI's arc for the protocols of chips (TR-03110-3 §A.1, 9303-11 §9.2). */
const BSI = '0.4.0.127.0.7';

export const PUBLIC_KEY_DH = `${BSI}.2.2.1.1`;
export const PUBLIC_KEY_ECDH = `${BSI}.2.2.1.2`;
export const ACTIVE_AUTHENTICATION = '2.23.136.1.1.5';

/** The last arc of a protocol says its cipher (9303-11 §9.2.1, §9.2.5). */
const CIPHERS = { 1: '3DES', 2: 'AES-128', 3: 'AES-192', 4: 'AES-256' } as const satisfies Record<number, Cipher>;

/** How two parties come to one secret. */
export type Agreement = 'DH' | 'ECDH';
/** How PACE turns a nonce into a generator (9303-11 §4.4.3.3): generic, integrated, chip authentication mapping. */
export type Mapping = 'GM' | 'IM' | 'CAM';

const PACE: Readonly<Record<string, readonly [Agreement, Mapping]>> = {
  [`${BSI}.2.2.4.1`]: ['DH', 'GM'],
  [`${BSI}.2.2.4.2`]: ['ECDH', 'GM'],
  [`${BSI}.2.2.4.3`]: ['DH', 'IM'],
  [`${BSI}.2.2.4.4`]: ['ECDH', 'IM'],
  [`${BSI}.2.2.4.6`]: ['ECDH', 'CAM'],
};
const CHIP_AUTHENTICATION: Readonly<Record<string, Agreement>> = {
  [`${BSI}.2.2.3.1`]: 'DH',
  [`${BSI}.2.2.3.2`]: 'ECDH',
};

const split = (oid: string): [arc: string, cipher: Cipher | undefined] => {
  const dot = oid.lastIndexOf('.');
  return [oid.slice(0, dot), CIPHERS[Number(oid.slice(dot + 1)) as keyof typeof CIPHERS]];
};

/** What an object identifier of PACE says (9303-11 §9.2.1); undefined when it is none. */
export function paceProtocol(oid: string): { agreement: Agreement; mapping: Mapping; cipher: Cipher } | undefined {
  const [arc, cipher] = split(oid);
  const found = PACE[arc];
  return found && cipher && { agreement: found[0], mapping: found[1], cipher };
}

/** What an object identifier of chip authentication says (9303-11 §9.2.5); undefined when it is none. */
export function chipAuthenticationProtocol(oid: string): { agreement: Agreement; cipher: Cipher } | undefined {
  const [arc, cipher] = split(oid);
  const agreement = CHIP_AUTHENTICATION[arc];
  return agreement && cipher && { agreement, cipher };
}

/** The hashes of plain ECDSA (TR-03111 §5.2.1.1), which ActiveAuthenticationInfo names (9303-11 §9.2.4). */
export const PLAIN_ECDSA: Readonly<Record<string, 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'ripemd160'>> = {
  [`${BSI}.1.1.4.1.1`]: 'sha1',
  [`${BSI}.1.1.4.1.2`]: 'sha224',
  [`${BSI}.1.1.4.1.3`]: 'sha256',
  [`${BSI}.1.1.4.1.4`]: 'sha384',
  [`${BSI}.1.1.4.1.5`]: 'sha512',
  [`${BSI}.1.1.4.1.6`]: 'ripemd160',
};

/** Standardised domain parameters over elliptic curves (9303-11 §9.5.1, Table); 0 to 2 are groups of integers. */
export const STANDARD_CURVES: Readonly<Record<number, CurveName>> = {
  8: 'P-192',
  9: 'brainpoolP192r1',
  10: 'P-224',
  11: 'brainpoolP224r1',
  12: 'P-256',
  13: 'brainpoolP256r1',
  14: 'brainpoolP320r1',
  15: 'P-384',
  16: 'brainpoolP384r1',
  17: 'brainpoolP512r1',
  18: 'P-521',
};
