import { createHash, getDiffieHellman } from 'node:crypto';
import { signDigest, testKey } from '../../../src/sandbox/cards/authority/keys.ts';
import { createCardMessaging, createMessaging } from '../../../src/standards/icao9303/access/messaging.ts';
import { usablePace } from '../../../src/standards/icao9303/access/pace.ts';
import { pointFrom } from '../../../src/standards/icao9303/access/points.ts';
import { decodeCommand } from '../../../src/standards/icao9303/apdu/command.ts';
import { dataOf, decodeResponse } from '../../../src/standards/icao9303/apdu/response.ts';
import { tlv } from '../../../src/standards/icao9303/asn1/write.ts';
import {
  activePublicKey,
  verifyActiveAuthentication,
} from '../../../src/standards/icao9303/chip/active-authentication.ts';
import {
  beginChipAuthentication,
  FIRST_COMMAND,
  verifyChipAuthentication,
} from '../../../src/standards/icao9303/chip/chip-authentication.ts';
import { agree, chipKeyFrom } from '../../../src/standards/icao9303/chip/chip-key.ts';
import { checkRepresentative } from '../../../src/standards/icao9303/chip/message-recovery.ts';
import { parseSecurityInfos } from '../../../src/standards/icao9303/chip/security-infos.ts';
import { customCard, files } from '../issued.ts';
import type { Target } from '../target.ts';
import { real } from '../vectors.ts';
import { rsaInfo } from './pki.ts';

const CHALLENGE = Buffer.from('0001020304050607', 'hex');
const ACTIVE = testKey('fuzz active');
const CHIP = testKey('fuzz chip', 'brainpoolP256r1');
const card = () =>
  customCard({
    pace: { curve: 'P-256', cipher: 'AES-256' },
    chipAuthentication: { key: CHIP, cipher: 'AES-256', keyId: 7, parameters: 'explicit' },
    active: { kind: 'ECDSA', key: ACTIVE },
  }).files;
let made: ReturnType<typeof card> | undefined;
const own = () => {
  made ??= card();
  return made;
};
const signed = (): Buffer => signDigest(ACTIVE, createHash('sha256').update(CHALLENGE).digest());

/** A prime as the modulus: whoever sees only the public half cannot tell, and everybody can sign with it. */
const MODULUS = getDiffieHellman('modp14').getPrime();
const rsaDg15 = (): Buffer => tlv(0x6f, rsaInfo(MODULUS));
const numberOf = (octets: Buffer): bigint => BigInt(`0x${octets.toString('hex')}`);
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let [square, left] = [base % modulus, exponent]; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}
const representative = (): Buffer => {
  const part = Buffer.alloc(MODULUS.length - 1 - 32 - 2, 0xab);
  const digest = createHash('sha256').update(part).update(CHALLENGE).digest();
  return Buffer.concat([Buffer.from([0x6a]), part, digest, Buffer.from('34cc', 'hex')]);
};
const rsaAnswer = (): Buffer => {
  const prime = numberOf(MODULUS);
  const answer = power(numberOf(representative()), inverse(65_537n, prime - 1n), prime);
  return Buffer.from(answer.toString(16).padStart(2 * MODULUS.length, '0'), 'hex');
};

/** Chip authentication with a key of ours that everybody knows, and the answer of the chip. */
function proven() {
  const dg14 = own().DG14!;
  const begun = beginChipAuthentication({ dg14, random: (octets) => Buffer.alloc(octets, 0x21) });
  const terminal = begun.complete(begun.commands.map(() => Buffer.from('9000', 'hex')));
  const chip = createCardMessaging(terminal.state());
  chip.open(createMessaging(terminal.state()).protect(FIRST_COMMAND));
  return { dg14, ephemeral: begun.ephemeral, response: chip.seal(Buffer.from('9000', 'hex')) };
}
let proof: ReturnType<typeof proven> | undefined;
const evidence = () => {
  proof ??= proven();
  return proof;
};
const dg14s = (): Buffer[] => [own().DG14!, files().DG14!, ...real('bsi/bdr2008_EF_DG14.bin', 'bsi/pymrtd_dg14_0.bin')];

export const CHIP_TARGETS: readonly Target[] = [
  {
    name: 'answer of a chip',
    seeds: () => [Buffer.from('6110', 'hex'), Buffer.concat([own().DG1!, Buffer.from('9000', 'hex')])],
    parse: decodeResponse,
  },
  { name: 'data of an answer', seeds: () => [Buffer.concat([own().DG1!, Buffer.from('9000', 'hex')])], parse: dataOf },
  {
    name: 'command',
    seeds: () =>
      ['00b0000000', '00a4020c02011e', '0c86000000000c7c0a80088e08000102030405060700'].map((hex) =>
        Buffer.from(hex, 'hex'),
      ),
    parse: decodeCommand,
  },
  { name: 'SecurityInfos', seeds: () => [...dg14s(), own().CardAccess!], parse: parseSecurityInfos },
  { name: 'PACE that is offered', seeds: () => [own().CardAccess!, files().CardAccess!], parse: usablePace },
  {
    name: 'point of a curve',
    seeds: () => [Buffer.from(CHIP.point.toBytes(false))],
    parse: (bytes) => pointFrom('brainpoolP256r1', bytes),
    cost: 3,
  },
  {
    name: 'DG15',
    seeds: () => [own().DG15!, rsaDg15(), ...real('bsi/bdr2008_EF_DG15.bin', 'bsi/pymrtd_dg15_0.bin')],
    parse: (bytes) => activePublicKey(bytes),
  },
  {
    name: 'ECDSA answer',
    seeds: () => [signed()],
    parse: (response) =>
      verifyActiveAuthentication({ dg15: own().DG15!, dg14: own().DG14!, challenge: CHALLENGE, response }),
    cost: 5,
  },
  {
    name: 'ECDSA answer under another DG15',
    seeds: () => [own().DG15!],
    parse: (dg15) => verifyActiveAuthentication({ dg15, challenge: CHALLENGE, response: signed() }),
    cost: 10,
  },
  {
    name: 'ECDSA answer under another DG14',
    seeds: () => [own().DG14!],
    parse: (dg14) => verifyActiveAuthentication({ dg15: own().DG15!, dg14, challenge: CHALLENGE, response: signed() }),
    cost: 5,
  },
  {
    name: 'RSA answer',
    seeds: () => [rsaAnswer()],
    parse: (response) => verifyActiveAuthentication({ dg15: rsaDg15(), challenge: CHALLENGE, response }),
    cost: 5,
  },
  {
    name: 'what an RSA answer opens to',
    seeds: () => [representative()],
    parse: (bytes) => checkRepresentative(bytes, CHALLENGE, { allowSha1: true }),
  },
  { name: 'chip key', seeds: dg14s, parse: chipKeyFrom },
  {
    name: 'chip key and our agreement',
    seeds: () => [own().DG14!],
    parse: (dg14) => agree(chipKeyFrom(dg14), evidence().ephemeral),
    cost: 15,
  },
  {
    name: 'evidence of the chip',
    seeds: () => [evidence().response],
    parse: (response) => verifyChipAuthentication({ ...evidence(), response }),
    cost: 15,
  },
  {
    name: 'ephemeral key in evidence',
    seeds: () => [evidence().ephemeral],
    parse: (ephemeral) => verifyChipAuthentication({ ...evidence(), ephemeral }),
    cost: 15,
  },
];
