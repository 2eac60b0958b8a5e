import { tlv } from '../asn1/write.ts';
import { demand } from '../refusal.ts';
import { type Command, encodeCommand } from './command.ts';
import { decodeResponse, STATUS, statusText, type Transmit } from './response.ts';

/** From here on an offset does not fit P1-P2, and READ BINARY has its odd instruction (ISO/IEC 7816-4 §11.3.3). */
const FAR = 0x8000;
const OFFSET = 0x54;
const DISCRETIONARY = 0x53;
/** What tag and length add to the octets of a far answer. */
const around = (octets: number): number => (octets < 0x80 ? 2 : octets < 0x100 ? 3 : 4);

/** The most octets of one command whose answer has at most `chunk`. */
export const chunkAt = (at: number, chunk: number): number => (at < FAR ? chunk : Math.max(1, chunk - 4));

/**
 * READ BINARY of at most `wanted` octets of the current file, fewer when the chip gives fewer. Refuses `apdu.status`, and
 * `apdu.malformed` for more octets than were asked for. `about` names the file.
 */
export async function readBinary(transmit: Transmit, at: number, wanted: number, about: string): Promise<Buffer> {
  if (at < FAR) return octetsOf(transmit, near(at, wanted), wanted, about);
  const offset = tlv(OFFSET, Buffer.from(at > 0xffff ? [at >> 16, (at >> 8) & 0xff, at & 0xff] : [at >> 8, at & 0xff]));
  const expected = wanted + around(wanted);
  const far = { cla: 0x00, ins: 0xb1, p1: 0, p2: 0, data: offset, expected };
  return discretionary(await octetsOf(transmit, far, expected, about), about);
}

/** READ BINARY of the first octets of a file by its short identifier, which makes it the current one. */
export const readByShort = (transmit: Transmit, short: number, wanted: number, about: string): Promise<Buffer> =>
  octetsOf(transmit, near((0x80 | short) << 8, wanted), wanted, about);

const near = (offset: number, expected: number): Command => ({
  ...{ cla: 0x00, ins: 0xb0, p1: offset >> 8, p2: offset & 0xff },
  expected,
});

async function octetsOf(transmit: Transmit, command: Command, wanted: number, about: string): Promise<Buffer> {
  const { data, status } = decodeResponse(await transmit(encodeCommand(command)));
  // 6282: the file ended before what was asked for. Its octets are good; whether they suffice, the length says.
  demand(status === STATUS.ok || status === STATUS.endOfFile, 'apdu.status', `${about}: ${statusText(status)}`);
  demand(data.length <= wanted, 'apdu.malformed', `${about}: more octets than were asked for`);
  return data;
}

/** Takes the one object of a far answer apart. */
function discretionary(bytes: Buffer, about: string): Buffer {
  const header = tlvHeader(bytes);
  const whole = header?.tag === DISCRETIONARY && header.start + header.length === bytes.length;
  demand(whole, 'apdu.malformed', `${about}: no discretionary data`);
  return bytes.subarray(header.start);
}

/** The tag of one octet and the length that bytes begin with; undefined when they begin with neither. */
export function tlvHeader(bytes: Buffer): { tag: number; start: number; length: number } | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  if (first < 0x80) return { tag, start: 2, length: first };
  const octets = first & 0x7f;
  if (octets === 0 || octets > 3 || bytes.length < 2 + octets) return undefined;
  return { tag, start: 2 + octets, length: bytes.readUIntBE(2, octets) };
}
