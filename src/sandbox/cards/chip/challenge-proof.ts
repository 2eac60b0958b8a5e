import { constants, createHash, type KeyObject, privateEncrypt } from 'node:crypto';
import type { Command } from '../../../standards/icao9303/apdu/command.ts';
import { asDer, signDigest } from '../authority/keys.ts';
import { hashOf } from '../authority/signing-key.ts';
import type { ActiveKey } from '../chip-options.ts';
import { gives, type Part, SW, says } from './answer.ts';

export type ChallengeFault = 'replayed-answer' | 'der-signature' | 'sha1-answer';

/** What a chip of the sandbox was once asked, and an answer to it that anybody may have recorded. */
const RECORDED = createHash('sha256').update('senid sandbox recorded challenge').digest().subarray(0, 8);

/** Active authentication, the chip's side (9303-11 §6.1): signs eight octets of the terminal's. */
export function createChallengeProof(parts: {
  readonly key: ActiveKey;
  readonly random: (octets: number) => Buffer;
  readonly isOpen: () => boolean;
  readonly fault?: ChallengeFault | undefined;
}): Part {
  const { key, random, isOpen, fault } = parts;

  const internalAuthenticate = ({ data = Buffer.alloc(0) }: Command) => {
    if (!isOpen()) return says(SW.securityStatus);
    if (data.length !== 8) return says(SW.wrongLength);
    const challenge = fault === 'replayed-answer' ? RECORDED : data;
    if (key.kind === 'RSA') return gives(withRecovery(key.privateKey, challenge, { random, hash: hashFor(fault) }));
    const signature = signDigest(key.key, hashOf(hashFor(fault), challenge));
    return gives(fault === 'der-signature' ? asDer(signature) : signature);
  };

  return (command) => (command.ins === 0x88 ? internalAuthenticate(command) : undefined);
}

const hashFor = (fault: ChallengeFault | undefined) => (fault === 'sha1-answer' ? 'SHA-1' : 'SHA-256');

/** ISO/IEC 9796-2 scheme 1 with partial recovery (9303-11 §6.1.2.2): 6A ‖ M1 ‖ hash(M1 ‖ challenge) ‖ trailer. */
function withRecovery(
  key: KeyObject,
  challenge: Buffer,
  { random, hash }: { random: (octets: number) => Buffer; hash: 'SHA-1' | 'SHA-256' },
): Buffer {
  const octets = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const trailer = hash === 'SHA-1' ? Buffer.from([0xbc]) : Buffer.from([0x34, 0xcc]);
  const hashed = hash === 'SHA-1' ? 20 : 32;
  const ours = random(octets - 1 - hashed - trailer.length);
  const digest = hashOf(hash, Buffer.concat([ours, challenge]));
  const representative = Buffer.concat([Buffer.from([0x6a]), ours, digest, trailer]);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, representative);
}
