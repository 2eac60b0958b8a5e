import type { Command } from '../../../standards/icao9303/apdu/command.ts';
import { CARD_FILES, EMRTD_APPLICATION } from '../../../standards/icao9303/apdu/files.ts';
import { tlv } from '../../../standards/icao9303/asn1/write.ts';
import type { CardFiles } from '../issue.ts';
import { type Answer, gives, objectsIn, type Part, SW, says } from './answer.ts';

/** SELECT and READ BINARY (9303-10 §3.6): all files behind access control but EF.CardAccess, which tells how to open. */
export function createFileSystem({ files, isOpen }: { files: CardFiles; isOpen: () => boolean }): Part {
  let inApplication = false;
  let current: Buffer | undefined;

  const selectFile = (matches: (file: { identifier: number; short: number }) => boolean): Answer => {
    const found = Object.entries(CARD_FILES).find(([, file]) => matches(file));
    const name = found?.[0] as keyof CardFiles | undefined;
    const outside = name === 'CardAccess';
    // EF.CardAccess stands in the master file, everything else in the application.
    if (!name || (outside ? inApplication && !isOpen() : !inApplication)) return says(SW.fileNotFound);
    if (!outside && !isOpen()) return says(SW.securityStatus);
    const file = files[name];
    if (!file) return says(SW.fileNotFound);
    current = file;
    return says(SW.ok);
  };

  const select = ({ p1, p2, data = Buffer.alloc(0) }: Command): Answer => {
    if (p2 !== 0x0c) return says(SW.wrongParameters);
    if (p1 === 0x04) {
      if (!data.equals(EMRTD_APPLICATION)) return says(SW.fileNotFound);
      inApplication = true;
      current = undefined;
      return says(SW.ok);
    }
    if (p1 === 0x02 && data.length === 2) return selectFile(({ identifier }) => identifier === data.readUInt16BE(0));
    // SELECT of the master file is not known to Vietnamese cards (domain.md §4).
    return says(p1 === 0x00 ? SW.unknownInstruction : SW.wrongParameters);
  };

  const readFrom = (offset: number, expected: number): Answer => {
    if (!current) return says(SW.conditions);
    if (offset > current.length) return says(SW.wrongOffset);
    const data = current.subarray(offset, offset + expected);
    // "As much as there is" (256, 65,536) is met by what there is.
    const short = data.length < expected && expected !== 256 && expected !== 65_536;
    return { status: short ? SW.endOfFile : SW.ok, data };
  };

  const readBinary = ({ p1, p2, expected = 0 }: Command): Answer => {
    if ((p1 & 0x80) === 0) return readFrom((p1 << 8) | p2, expected);
    const selected = selectFile(({ short }) => short === (p1 & 0x1f));
    return selected.status === SW.ok ? readFrom(p2, expected) : selected;
  };

  /** The odd instruction: an offset beyond fifteen bits, the answer in an object (ISO/IEC 7816-4 §11.3.3). */
  const readFar = ({ p1, p2, data, expected = 0 }: Command): Answer => {
    const offset = objectsIn(data).get(0x54)?.value;
    if (!offset || offset.length === 0 || offset.length > 4) return says(SW.wrongData);
    if (p1 !== 0 || p2 > 0x1f) return says(SW.wrongParameters);
    if (p2 !== 0) {
      const selected = selectFile(({ short }) => short === p2);
      if (selected.status !== SW.ok) return selected;
    }
    // Tag and length of the object count among the octets that are expected.
    const around = expected <= 129 ? 2 : expected <= 258 ? 3 : 4;
    const { status, data: octets } = readFrom(offset.readUIntBE(0, offset.length), Math.max(0, expected - around));
    return octets ? { ...gives(tlv(0x53, octets)), status } : says(status);
  };

  return (command) => {
    if (command.ins === 0xa4) return select(command);
    if (command.ins === 0xb0) return readBinary(command);
    return command.ins === 0xb1 ? readFar(command) : undefined;
  };
}
