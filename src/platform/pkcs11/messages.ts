import { Pkcs11Fault } from './fault.ts';
import { ATTRIBUTE, type AttributeName, type Attributes } from './names.ts';

/**
 * The messages between a program and `p11-kit server`: numbers in network order, each message named by its call and by the
 * types of its parts (p11-kit, `rpc-message.h`). Version 0 of the protocol, which every p11-kit since 2012 speaks. Pure: octets
 * in, octets out.
 */
export const CALL = {
  initialize: { id: 1, request: 'ayyay', response: '' },
  slots: { id: 4, request: 'yfu', response: 'au' },
  tokenInfo: { id: 6, request: 'u', response: 'ssssuuuuuuuuuuuvvs' },
  mechanisms: { id: 7, request: 'ufu', response: 'au' },
  openSession: { id: 10, request: 'uu', response: 'u' },
  login: { id: 18, request: 'uuay', response: '' },
  destroyObject: { id: 22, request: 'uu', response: '' },
  attributes: { id: 24, request: 'uufA', response: 'aAu' },
  setAttributes: { id: 25, request: 'uuaA', response: '' },
  findInit: { id: 26, request: 'uaA', response: '' },
  find: { id: 27, request: 'ufu', response: 'au' },
  findFinal: { id: 28, request: 'u', response: '' },
  signInit: { id: 42, request: 'uMu', response: '' },
  sign: { id: 43, request: 'uayfy', response: 'ay' },
  generateKeyPair: { id: 59, request: 'uMaAaA', response: 'uu' },
} as const satisfies Record<string, { id: number; request: string; response: string }>;

export type Call = (typeof CALL)[keyof typeof CALL];

/** The version of the protocol, the first octet that either side sends. */
export const PROTOCOL_VERSION = 0;
const HANDSHAKE = 'PRIVATE-GNOME-KEYRING-PKCS11-PROTOCOL-V-1';
/** Octets before every message: its number, and the lengths of its options and of itself. */
export const HEADER = 12;
/** More than any answer here has. */
const MOST = 1_048_576;
const ERROR = 0;
const NOTHING = 0xffff_ffff;

const uint32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
};
const counted = (octets: Buffer): Buffer => Buffer.concat([uint32(octets.length), octets]);

/** A CK_ULONG. Handles may take all 64 bits. */
export const ulong = (value: number | bigint): Buffer => {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(BigInt(value));
  return octets;
};
export const octet = (value: number): Buffer => Buffer.of(value);
/** Room for an answer of so many octets, or so many numbers. */
export const room = uint32;
export const octets = (value: Buffer): Buffer => Buffer.concat([Buffer.of(1), counted(value)]);
/** A mechanism without a parameter, or with the numbers of one. */
export const mechanism = (type: number, parameter?: readonly number[]): Buffer =>
  Buffer.concat([uint32(type), ...(parameter ? parameter.map(ulong) : [uint32(NOTHING)])]);

const written = {
  boolean: (value: boolean) => Buffer.concat([uint32(1), Buffer.of(value ? 1 : 0)]),
  number: (value: number) => Buffer.concat([uint32(8), ulong(value)]),
  octets: (value: Buffer) => Buffer.concat([uint32(value.length), counted(value)]),
};

/** Attributes with their values. */
export function attributes(values: Attributes): Buffer {
  const names = Object.keys(values) as AttributeName[];
  const each = names.map((name) => {
    const { type, kind } = ATTRIBUTE[name];
    return Buffer.concat([uint32(type), Buffer.of(1), written[kind](values[name] as never)]);
  });
  return Buffer.concat([uint32(names.length), ...each]);
}

/** Attributes that are asked for, with room for each. */
export const wantedAttributes = (names: readonly AttributeName[], most: number): Buffer =>
  Buffer.concat([
    uint32(names.length),
    ...names.flatMap((name) => [
      uint32(ATTRIBUTE[name].type),
      uint32({ boolean: 1, number: 8, octets: most }[ATTRIBUTE[name].kind]),
    ]),
  ]);

export const handshake = (): Buffer => Buffer.concat([octets(Buffer.from(HANDSHAKE)), octet(0), octets(Buffer.of(0))]);

/** A whole message, ready to be sent. */
export function request(call: Call, number: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([uint32(call.id), counted(Buffer.from(call.request)), ...parts]);
  return Buffer.concat([uint32(number), uint32(0), uint32(body.length), body]);
}

/** What the octets that have come so far hold: a whole message, or nothing yet. */
export function received(bytes: Buffer): { number: number; body: Buffer; length: number } | undefined {
  if (bytes.length < HEADER) return undefined;
  const [number, options, body] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
  const length = HEADER + options + body;
  if (length > MOST) throw new Pkcs11Fault('garbled', { about: 'the length of an answer' });
  return bytes.length < length ? undefined : { number, body: bytes.subarray(HEADER + options, length), length };
}

/** The parts of an answer, one after the other; refuses with what the module said. */
export function answered(call: Call, body: Buffer): Reading {
  const parts = reading(body);
  const id = parts.uint32();
  const signature = parts.counted().toString('latin1');
  if (id === ERROR) throw new Pkcs11Fault('failed', { answer: Number(parts.ulong()) });
  if (id !== call.id || signature !== call.response)
    throw new Pkcs11Fault('garbled', { about: `an answer to ${call.id}` });
  return parts;
}

/** Takes parts off the front. What is not there is a fault, whatever the lengths say. */
export interface Reading {
  octet(): number;
  uint32(): number;
  ulong(): bigint;
  counted(): Buffer;
  /** An array of octets that may be missing. */
  octets(): Buffer;
  ulongs(): bigint[];
  /** In the order that they were asked for; missing is what the object does not have, or does not tell. */
  attributes(names: readonly AttributeName[]): Attributes;
}

function reading(body: Buffer): Reading {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > body.length - at) throw new Pkcs11Fault('garbled', { about: 'an answer that is too short' });
    at += length;
    return body.subarray(at - length, at);
  };
  const parts: Reading = {
    octet: () => take(1).readUInt8(),
    uint32: () => take(4).readUInt32BE(),
    ulong: () => take(8).readBigUInt64BE(),
    counted() {
      const length = parts.uint32();
      return length === NOTHING ? Buffer.alloc(0) : take(length);
    },
    octets() {
      if (parts.octet() === 1) return parts.counted();
      throw new Pkcs11Fault('garbled', { about: 'an answer without its octets' });
    },
    ulongs() {
      const there = parts.octet() === 1;
      const count = parts.uint32();
      return there ? Array.from({ length: Math.min(count, body.length) }, parts.ulong) : [];
    },
    attributes(names) {
      if (parts.uint32() !== names.length) throw new Pkcs11Fault('garbled', { about: 'attributes' });
      const values: Record<string, unknown> = {};
      for (const name of names) {
        const { type, kind } = ATTRIBUTE[name];
        if (parts.uint32() !== type) throw new Pkcs11Fault('garbled', { about: 'attributes' });
        if (parts.octet() === 0) continue;
        const length = parts.uint32();
        const value = {
          boolean: () => parts.octet() === 1,
          number: () => Number(parts.ulong()),
          octets: parts.counted,
        }[kind]();
        if (length > 0) values[name] = value;
      }
      return values as Attributes;
    },
  };
  return parts;
}
