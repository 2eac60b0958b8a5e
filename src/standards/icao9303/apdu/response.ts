import { demand, refuse } from '../refusal.ts';

/** One APDU to a chip; its answer, status word included. */
export type Transmit = (command: Buffer) => Promise<Buffer>;

/** An answer in its parts (ISO/IEC 7816-4 §5.1). */
export interface Response {
  readonly data: Buffer;
  /** SW1-SW2 as one number: 0x9000. */
  readonly status: number;
}

/** Status words that are used here (ISO/IEC 7816-4 §5.6). */
export const STATUS = {
  ok: 0x9000,
  endOfFile: 0x6282,
  wrongLength: 0x6700,
  securityStatus: 0x6982,
  messagingMissing: 0x6987,
  messagingWrong: 0x6988,
  wrongData: 0x6a80,
  functionUnsupported: 0x6a81,
  fileNotFound: 0x6a82,
  wrongParameters: 0x6a86,
  wrongOffset: 0x6b00,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
} as const;

/** The largest answer: extended length, and its status word. */
const LARGEST = 65_536 + 2;

/** Splits an answer. Refuses `apdu.malformed`: shorter than a status word, or longer than any answer. */
export function decodeResponse(bytes: Buffer): Response {
  demand(bytes.length >= 2 && bytes.length <= LARGEST, 'apdu.malformed');
  const status = bytes.readUInt16BE(bytes.length - 2);
  // ISO/IEC 7816-3 §10.3.3: no other first octet is a status.
  demand(status >> 12 === 6 || status >> 12 === 9, 'apdu.malformed');
  return { data: bytes.subarray(0, -2), status };
}

/** Puts an answer together, as a chip does. */
export const encodeResponse = ({ data, status }: Response): Buffer =>
  Buffer.concat([data, Buffer.from([status >> 8, status & 0xff])]);

/** A status word for an examiner. */
export const statusText = (status: number): string => `status ${status.toString(16).padStart(4, '0')}`;

/** The data of an answer that must be `9000`. Refuses `apdu.status`. */
export function dataOf(bytes: Buffer): Buffer {
  const { data, status } = decodeResponse(bytes);
  return status === STATUS.ok ? data : refuse('apdu.status', statusText(status));
}
