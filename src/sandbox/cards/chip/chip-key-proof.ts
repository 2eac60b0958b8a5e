import { SUITES } from '../../../standards/icao9303/access/ciphers.ts';
import { deriveChannelKeys } from '../../../standards/icao9303/access/key-derivation.ts';
import type { Command } from '../../../standards/icao9303/apdu/command.ts';
import { oid, tlv } from '../../../standards/icao9303/asn1/write.ts';
import { curveOf, toOctets } from '../authority/curves.ts';
import type { ChipOptions } from '../chip-options.ts';
import { chipProtocol } from '../security-infos.ts';
import { type Answer, gives, objectsIn, type Part, SW, says } from './answer.ts';

/** Chip authentication, the chip's side (9303-11 §6.2): agrees with the terminal's fresh key, and goes on under the new keys. */
export function createChipKeyProof(parts: {
  readonly chipAuthentication: NonNullable<ChipOptions['chipAuthentication']>;
  readonly isOpen: () => boolean;
}): Part {
  const { isOpen } = parts;
  const { key, cipher, keyId } = parts.chipAuthentication;
  const { points, size } = curveOf(key.curve);
  const protocol = oid(chipProtocol(cipher)).subarray(2);
  let begun = false;

  const isOurs = (reference: Buffer | undefined): boolean =>
    reference === undefined ? keyId === undefined : keyId === reference.readUIntBE(0, reference.length);

  const agree = (theirs: Buffer | undefined, data: Buffer): Answer => {
    try {
      const shared = toOctets(points.fromBytes(theirs ?? Buffer.alloc(0)).multiply(key.secret).x, size);
      const counter = Buffer.alloc(SUITES[cipher].block);
      return { ...gives(data), channel: { cipher, ...deriveChannelKeys(shared, cipher), counter } };
    } catch {
      // Not on the curve: the library says it by an exception.
      return says(SW.wrongData);
    }
  };

  const setTemplate = ({ p2, data }: Command): Answer | undefined => {
    const objects = objectsIn(data);
    begun = false;
    if (!isOpen()) return says(SW.securityStatus);
    if (!isOurs(objects.get(0x84)?.value)) return says(SW.notFound);
    // 3DES needs one command only (9303-11 §6.2.4.1).
    if (p2 === 0xa6) return cipher === '3DES' ? agree(objects.get(0x91)?.value, Buffer.alloc(0)) : says(SW.notFound);
    if (!objects.get(0x80)?.value.equals(protocol)) return says(SW.wrongData);
    begun = true;
    return says(SW.ok);
  };

  const generalAuthenticate = ({ data }: Command): Answer | undefined => {
    if (!begun) return undefined;
    begun = false;
    const sent = objectsIn(data)
      .get(0x7c)
      ?.children.find(({ tag }) => tag === 0x80);
    return agree(sent?.value, tlv(0x7c));
  };

  return (command) => {
    const { ins, p1, p2 } = command;
    if (ins === 0x22 && p1 === 0x41 && (p2 === 0xa4 || p2 === 0xa6)) return setTemplate(command);
    return ins === 0x86 ? generalAuthenticate(command) : undefined;
  };
}
