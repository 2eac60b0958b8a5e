import { demand, refuse } from '../refusal.ts';

/** A command APDU in its parts (ISO/IEC 7816-4 §5.2). */
export interface Command {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** The command data; empty or absent when there is none. */
  readonly data?: Buffer;
  /** Ne, the most octets that the answer may have: 1 to 65,536; absent when no answer data are expected. */
  readonly expected?: number;
  /** Written with extended length fields although short ones would do. */
  readonly extended?: boolean;
}

/** The most octets that short length fields can say. */
const SHORT_DATA = 255;
const SHORT_EXPECTED = 256;
const EXTENDED = 65_536;

const twoOctets = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];

/** Writes a command, with short length fields where they do. */
export function encodeCommand({ cla, ins, p1, p2, data, expected, extended = false }: Command): Buffer {
  const length = data?.length ?? 0;
  if (length >= EXTENDED || (expected !== undefined && (expected < 1 || expected > EXTENDED))) {
    throw new RangeError('no command has so much data');
  }
  const long = extended || length > SHORT_DATA || (expected ?? 0) > SHORT_EXPECTED;
  const header = Buffer.from([cla, ins, p1, p2]);
  // 256 and 65,536 are written as zeros: `& 0xff` does it.
  const lc = length === 0 ? [] : long ? [0, ...twoOctets(length)] : [length];
  const le =
    expected === undefined ? [] : long ? [...(length === 0 ? [0] : []), ...twoOctets(expected)] : [expected & 0xff];
  return Buffer.concat([header, Buffer.from(lc), data ?? Buffer.alloc(0), Buffer.from(le)]);
}

/** Reads a command: the four cases of ISO/IEC 7816-4 §5.2, short and extended. Refuses `apdu.malformed`. */
export function decodeCommand(bytes: Buffer): Command {
  demand(bytes.length >= 4, 'apdu.malformed');
  const header = { cla: bytes[0]!, ins: bytes[1]!, p1: bytes[2]!, p2: bytes[3]! };
  const body = bytes.subarray(4);
  const first = body[0];
  if (first === undefined) return header;
  if (body.length === 1) return { ...header, expected: first || SHORT_EXPECTED };
  if (first !== 0) return { ...header, ...dataAndLe(body.subarray(1), first, 1) };
  demand(body.length >= 3, 'apdu.malformed');
  const length = body.readUInt16BE(1);
  if (body.length === 3) return { ...header, expected: length || EXTENDED, extended: true };
  demand(length > 0, 'apdu.malformed');
  return { ...header, ...dataAndLe(body.subarray(3), length, 2), extended: true };
}

function dataAndLe(rest: Buffer, length: number, leOctets: 1 | 2): Pick<Command, 'data' | 'expected'> {
  const data = rest.subarray(0, length);
  if (rest.length === length) return { data };
  if (rest.length !== length + leOctets) return refuse('apdu.malformed');
  const most = leOctets === 1 ? SHORT_EXPECTED : EXTENDED;
  return { data, expected: rest.readUIntBE(length, leOctets) || most };
}
