import type { Secret } from '../secret.ts';
import { type Connection, connectTo } from './connection.ts';
import { Pkcs11Fault, type Pkcs11FaultCode } from './fault.ts';
import * as message from './messages.ts';
import { CALL } from './messages.ts';
import { ANSWER, type AttributeName, type Attributes, TOKEN_FLAG } from './names.ts';

/** A key or another object in the token, for as long as the session lasts. */
export type Handle = bigint;

/** A session with one token, logged in. Every call throws `Pkcs11Fault`. */
export interface TokenSession {
  /** What the token can do (`MECHANISM`). */
  readonly mechanisms: ReadonlySet<number>;
  /** Makes a pair of keys; what they may do, and whether they can leave, the templates say. */
  generate(
    mechanism: number,
    templates: { publicKey: Attributes; privateKey: Attributes },
  ): Promise<{ publicKey: Handle; privateKey: Handle }>;
  /** Objects that have all these attributes. */
  find(attributes: Attributes): Promise<Handle[]>;
  /** Missing is what the object does not have, or does not tell. */
  attributes(handle: Handle, names: readonly AttributeName[]): Promise<Attributes>;
  change(handle: Handle, attributes: Attributes): Promise<void>;
  sign(key: Handle, mechanism: { type: number; parameter?: readonly number[] }, data: Buffer): Promise<Buffer>;
  destroy(handle: Handle): Promise<void>;
  closed(): boolean;
  close(): void;
}

/** Where a token is, and how it is opened. */
export interface TokenAddress {
  /** The Unix socket of p11-kit server. */
  readonly socket: string;
  readonly label: string;
  readonly pin: Secret;
  /** Milliseconds that a call may take. */
  readonly timeout: number;
}

/** Serial, and for reading and writing (CKF_SERIAL_SESSION, CKF_RW_SESSION). */
const SESSION_FLAGS = 0x06;
const USER = 1;
const SLOTS = 64;
const MECHANISMS = 1_024;
const FOUND = 16;
/** An RSA modulus of 8192 bits, and every signature. */
const LONGEST = 1_024;

/** Opens a session. `pinProven`: whether this PIN has been right before; if not, a token that is in doubt is left alone. */
export async function openToken(address: TokenAddress, pinProven: boolean): Promise<TokenSession> {
  const connection = await connectTo(address.socket, address.timeout);
  try {
    await connection.ask(CALL.initialize, message.handshake());
    const { slot, flags } = await slotOf(connection, address.label);
    if (flags & TOKEN_FLAG.pinLocked) throw new Pkcs11Fault('pin_locked');
    // A supervisor that starts us again and again must not spend the tries that are left.
    if (!pinProven && flags & (TOKEN_FLAG.pinCountLow | TOKEN_FLAG.pinFinalTry)) throw new Pkcs11Fault('pin_in_doubt');
    const mechanisms = await connection.ask(CALL.mechanisms, message.ulong(slot), message.room(MECHANISMS));
    const opening = await connection.ask(CALL.openSession, message.ulong(slot), message.ulong(SESSION_FLAGS));
    const session = opening.ulong();
    await login(connection, session, address.pin);
    return sessionOf(connection, session, new Set(mechanisms.ulongs().map(Number)));
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The slot in which the token of this label is, and the token's flags. */
async function slotOf(connection: Connection, label: string): Promise<{ slot: bigint; flags: number }> {
  const present = 1;
  const slots = (await connection.ask(CALL.slots, message.octet(present), message.room(SLOTS))).ulongs();
  const found: { slot: bigint; flags: number }[] = [];
  for (const slot of slots) {
    const info = await connection.ask(CALL.tokenInfo, message.ulong(slot));
    const [name] = Array.from({ length: 4 }, () => info.counted().toString('utf8').trimEnd());
    if (name === label) found.push({ slot, flags: Number(info.ulong()) });
  }
  if (found.length > 1) throw new Pkcs11Fault('ambiguous', { about: label });
  if (!found[0]) throw new Pkcs11Fault('no_token', { about: label });
  return found[0];
}

const PIN_FAULTS: Readonly<Record<number, Pkcs11FaultCode>> = {
  [ANSWER.pinIncorrect]: 'pin_refused',
  [ANSWER.pinInvalid]: 'pin_refused',
  [ANSWER.pinLengthRange]: 'pin_refused',
  [ANSWER.pinLocked]: 'pin_locked',
};

async function login(connection: Connection, session: bigint, pin: Secret): Promise<void> {
  try {
    const octets = message.octets(Buffer.from(pin.reveal()));
    await connection.ask(CALL.login, message.ulong(session), message.ulong(USER), octets);
  } catch (error) {
    const code = error instanceof Pkcs11Fault ? PIN_FAULTS[error.answer ?? -1] : undefined;
    throw code ? new Pkcs11Fault(code) : error;
  }
}

function sessionOf(connection: Connection, session: bigint, mechanisms: ReadonlySet<number>): TokenSession {
  const self = message.ulong(session);
  return {
    mechanisms,
    async generate(mechanism, { publicKey, privateKey }) {
      const made = await connection.ask(
        CALL.generateKeyPair,
        ...[self, message.mechanism(mechanism), message.attributes(publicKey), message.attributes(privateKey)],
      );
      return { publicKey: made.ulong(), privateKey: made.ulong() };
    },
    async find(attributes) {
      await connection.ask(CALL.findInit, self, message.attributes(attributes));
      const found = await connection.ask(CALL.find, self, message.room(FOUND));
      await connection.ask(CALL.findFinal, self);
      return found.ulongs();
    },
    async attributes(handle, names) {
      const wanted = message.wantedAttributes(names, LONGEST);
      const told = await connection.ask(CALL.attributes, self, message.ulong(handle), wanted);
      const values = told.attributes(names);
      const answer = Number(told.ulong());
      if (answer === 0 || answer === ANSWER.attributeSensitive || answer === ANSWER.attributeTypeInvalid) return values;
      throw new Pkcs11Fault('failed', { answer });
    },
    async change(handle, attributes) {
      await connection.ask(CALL.setAttributes, self, message.ulong(handle), message.attributes(attributes));
    },
    async sign(key, { type, parameter }, data) {
      await connection.ask(CALL.signInit, self, message.mechanism(type, parameter), message.ulong(key));
      const signed = await connection.ask(CALL.sign, self, message.octets(data), message.room(LONGEST));
      return Buffer.from(signed.octets());
    },
    async destroy(handle) {
      await connection.ask(CALL.destroyObject, self, message.ulong(handle));
    },
    closed: connection.closed,
    close: connection.close,
  };
}
