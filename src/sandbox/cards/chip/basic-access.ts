import { authenticate, decrypt, encrypt, pad, same } from '../../../standards/icao9303/access/ciphers.ts';
import { bacSeed, deriveChannelKeys } from '../../../standards/icao9303/access/key-derivation.ts';
import type { Command } from '../../../standards/icao9303/apdu/command.ts';
import { type Answer, gives, type Part, SW, says } from './answer.ts';

/** Basic access control, the chip's side (9303-11 §4.3): whoever has seen the machine readable zone gets in. */
export function createBasicAccess(parts: {
  readonly mrzInformation: string;
  readonly random: (octets: number) => Buffer;
  /** Someone showed a wrong key. */
  readonly onFailure: () => void;
}): Part {
  const { mrzInformation, random, onFailure } = parts;
  const keys = deriveChannelKeys(bacSeed(mrzInformation), '3DES');
  const checksum = (message: Buffer): Buffer => authenticate('3DES', keys.mac, pad(message, 8));
  let challenge: Buffer | undefined;

  const getChallenge = ({ expected }: Command): Answer => {
    if (expected !== 8) return says(SW.wrongLength);
    challenge = random(8);
    return gives(challenge);
  };

  const externalAuthenticate = ({ data = Buffer.alloc(0) }: Command): Answer => {
    const own = challenge;
    challenge = undefined;
    if (!own) return says(SW.conditions);
    if (data.length !== 40) return says(SW.wrongLength);
    const [cryptogram, code] = [data.subarray(0, 32), data.subarray(32)];
    const plain = decrypt('3DES', keys.encryption, cryptogram);
    const [theirs, returned, theirHalf] = [plain.subarray(0, 8), plain.subarray(8, 16), plain.subarray(16)];
    if (!same(checksum(cryptogram), code) || !same(returned, own)) {
      onFailure();
      return says(SW.failed);
    }
    const ourHalf = random(16);
    const answer = encrypt('3DES', keys.encryption, Buffer.concat([own, theirs, ourHalf]));
    const seed = Buffer.from(ourHalf.map((octet, at) => octet ^ theirHalf[at]!));
    return {
      ...gives(Buffer.concat([answer, checksum(answer)])),
      channel: {
        cipher: '3DES',
        ...deriveChannelKeys(seed, '3DES'),
        counter: Buffer.concat([own.subarray(4), theirs.subarray(4)]),
      },
    };
  };

  return (command) => {
    if (command.ins === 0x84) return getChallenge(command);
    return command.ins === 0x82 ? externalAuthenticate(command) : undefined;
  };
}
