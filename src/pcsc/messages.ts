import { PcscFault, type PcscFaultCode } from './fault.ts';

/**
 * The messages between a program and pcscd: fixed structures of 32-bit numbers in the order of the machine, each behind a
 * header of its length and command (pcsc-lite, `winscard_msg.h`). Pure: octets in, octets out.
 */
export const COMMAND = {
  establish: 0x01,
  connect: 0x04,
  disconnect: 0x06,
  begin: 0x07,
  transmit: 0x09,
  version: 0x11,
  states: 0x12,
} as const;

/**
 * 4.4 is what every pcscd since 1.8.24 (2018) speaks or still takes; 4.3 and 4.5 are the same in all that is used here. A
 * daemon of 4.6 (2.5.0) takes 4.4.
 */
export const PROTOCOL = { major: 4, minor: 4, oldest: 3, newest: 5 } as const;

/** Octets of each answer. */
export const LENGTH = {
  version: 12,
  establish: 12,
  connect: 152,
  disconnect: 12,
  begin: 8,
  transmit: 32,
  states: 2944,
};

/** An APDU with extended length, and room for its lengths and status word. */
export const MAX_APDU = 4 + 3 + 65_536 + 3 + 2;

const NAME = 128;
const STATES = 16;
const STATE = LENGTH.states / STATES;
const SHARED = 2;
/** T=0 or T=1, as the reader has it; contactless cards are T=1. */
const ANY_PROTOCOL = 3;
const LEAVE = 0;
const RESET = 1;
const SYSTEM_SCOPE = 2;
/** `sizeof(SCARD_IO_REQUEST)` where `long` has 64 bits; pcscd hands it to drivers that ignore it. */
const PCI_LENGTH = 16;
const PRESENT = 0x04;

/** A reader that pcscd knows. */
export interface ReaderState {
  readonly name: string;
  /** Whether a card lies on it. */
  readonly present: boolean;
  /** Answer to reset of that card, empty without one. */
  readonly atr: Buffer;
}

const numbers = (...values: number[]): Buffer => {
  const body = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) body.writeUInt32LE(value, 4 * index);
  return body;
};

/** What goes before every body. */
export const header = (command: number, length: number): Buffer => numbers(length, command);

export const versionBody = (minor: number): Buffer => numbers(PROTOCOL.major, minor, 0);
export const establishBody = (): Buffer => numbers(SYSTEM_SCOPE, 0, 0);
/** A reset ends the session with the chip. Of a card that is gone it would fail, and pcscd then miss the next card. */
export const disconnectBody = (card: number, { gone }: { gone: boolean }): Buffer =>
  numbers(card, gone ? LEAVE : RESET, 0);
export const beginBody = (card: number): Buffer => numbers(card, 0);

/** `reader`: a name as pcscd gave it. */
export function connectBody(context: number, reader: string): Buffer {
  const name = Buffer.alloc(NAME);
  name.write(reader, 0, NAME - 1);
  return Buffer.concat([numbers(context), name, numbers(SHARED, ANY_PROTOCOL, 0, 0, 0)]);
}

/** The command itself goes behind it, and is not in the length of the header. */
export const transmitBody = (card: number, protocol: number, length: number): Buffer =>
  numbers(card, protocol, PCI_LENGTH, length, protocol, PCI_LENGTH, MAX_APDU, 0);

/** The version that pcscd has, and whether it takes ours. */
export const versionFrom = (answer: Buffer): { major: number; minor: number; taken: boolean } => ({
  major: answer.readUInt32LE(0),
  minor: answer.readUInt32LE(4),
  taken: answer.readUInt32LE(8) === 0,
});

export const contextFrom = (answer: Buffer): number => {
  succeeded(answer);
  return answer.readUInt32LE(4);
};

export const cardFrom = (answer: Buffer): { card: number; protocol: number } => {
  succeeded(answer);
  return { card: answer.readUInt32LE(140), protocol: answer.readUInt32LE(144) };
};

/** Octets of the card's answer, which follows; never more than an APDU can have. */
export function answerLengthFrom(answer: Buffer): number {
  succeeded(answer);
  const length = answer.readUInt32LE(24);
  if (length > MAX_APDU) throw new PcscFault('garbled', 'the length of an answer');
  return length;
}

/** Sixteen places of 184 octets; a place without a name is free. */
export const statesFrom = (answer: Buffer): ReaderState[] =>
  Array.from({ length: STATES }, (_, place) => answer.subarray(place * STATE, (place + 1) * STATE)).flatMap((state) => {
    const end = state.indexOf(0);
    const name = state.toString('utf8', 0, end < 0 || end > NAME ? NAME : end);
    if (name === '') return [];
    const atrLength = Math.min(state.readUInt32LE(176), 33);
    return [{ name, present: (state.readUInt32LE(132) & PRESENT) !== 0, atr: state.subarray(140, 140 + atrLength) }];
  });

/** Every answer but that of the states ends with how it went; refuses with what a person can do about it. */
export function succeeded(answer: Buffer): void {
  const code = answer.readUInt32LE(answer.length - 4);
  if (code === 0) return;
  throw new PcscFault(FAULTS[code] ?? 'failed', `0x${code.toString(16)}`);
}

/** `pcsclite.h`; what is not here is `failed`, with its number. */
const FAULTS: Readonly<Record<number, PcscFaultCode>> = {
  2148532233: 'no_reader',
  2148532235: 'busy',
  2148532236: 'removed',
  2148532247: 'removed',
  2148532254: 'version',
  2148532270: 'no_reader',
  2148532325: 'mute',
  2148532326: 'mute',
  2148532327: 'mute',
  2148532328: 'removed',
  2148532329: 'removed',
};
