import { decodeCommand, encodeCommand } from '../apdu/command.ts';
import { encodeResponse, statusText, type Transmit } from '../apdu/response.ts';
import { tlv } from '../asn1/write.ts';
import { demand, refuse } from '../refusal.ts';
import { authenticate, type Cipher, pad, SUITES, same } from './ciphers.ts';
import { DO, readObjects, type Step, seal, unseal } from './data-objects.ts';

/** A channel that can be handed over: its keys, and the send sequence counter of the last message (9303-11 §9.8.6). */
export interface MessagingState {
  readonly cipher: Cipher;
  readonly encryption: Buffer;
  readonly mac: Buffer;
  /** 8 octets for 3DES, 16 for AES; the next command counts it up. */
  readonly counter: Buffer;
}

/** The terminal's end of a secure channel (9303-11 §9.8). */
export interface Messaging {
  /** A command, protected. */
  protect(command: Buffer): Buffer;
  /** The answer to the last command: data ‖ status word. Refuses `messaging.*`, and from then on everything. */
  unprotect(response: Buffer): Buffer;
  /** Copies of the keys and of the counter, for another party that goes on with the channel. */
  state(): MessagingState;
}

/** The chip's end. */
export interface CardMessaging {
  /** A protected command, opened and encoded plainly. Refuses `messaging.*`, and from then on everything. */
  open(command: Buffer): Buffer;
  /** The answer to the last command (data ‖ status word), protected. */
  seal(response: Buffer): Buffer;
  state(): MessagingState;
}

/** The class byte of a protected command: "secure messaging, header authenticated" (ISO/IEC 7816-4 §5.4.1). */
const PROTECTED = 0x0c;
const cryptogramOf = (odd: boolean): number => (odd ? DO.cryptogramOddIns : DO.cryptogram);

/** Counts from `state` on; keys of another length are refused with `messaging.malformed`: they may come from a reader. */
function createChannel({ cipher, encryption, mac, counter: start }: MessagingState) {
  const { block, key } = SUITES[cipher] ?? refuse('messaging.malformed', 'cipher');
  demand(encryption.length === key && mac.length === key && start.length === block, 'messaging.malformed', 'keys');
  const counter = Buffer.from(start);
  let dead = false;
  return {
    /** The next step of the channel; a channel that saw a bad message is over (9303-11 §9.8.7). */
    next(odd: boolean): Step {
      demand(!dead, 'messaging.malformed', 'the channel is over');
      for (let at = block - 1; at >= 0; at -= 1) {
        counter[at] = (counter[at]! + 1) & 0xff;
        if (counter[at] !== 0) break;
      }
      return { cipher, encryption, counter, odd };
    },
    /** The code over the counter, a header (commands) and the objects, each padded to whole blocks (§9.8.5). */
    checksum: (header: Buffer, objects: Buffer): Buffer =>
      authenticate(
        cipher,
        mac,
        Buffer.concat([
          counter,
          header.length > 0 ? pad(header, block) : header,
          objects.length > 0 ? pad(objects, block) : objects,
        ]),
      ),
    /** Whatever is refused meanwhile ends the channel. */
    orDie<T>(act: () => T): T {
      try {
        return act();
      } catch (error) {
        dead = true;
        throw error;
      }
    },
    state: (): MessagingState => ({
      cipher,
      encryption: Buffer.from(encryption),
      mac: Buffer.from(mac),
      counter: Buffer.from(counter),
    }),
  };
}

/** Protects commands and checks answers with the keys of BAC, PACE or chip authentication. */
export function createMessaging(state: MessagingState): Messaging {
  const channel = createChannel(state);
  let odd = false;
  return {
    protect(bytes) {
      const { cla, ins, p1, p2, data = Buffer.alloc(0), expected, extended = false } = decodeCommand(bytes);
      odd = ins % 2 === 1;
      const step = channel.next(odd);
      const header = Buffer.from([cla | PROTECTED, ins, p1, p2]);
      const long = extended || (expected ?? 0) > 256;
      const le = long ? [((expected ?? 0) >> 8) & 0xff, (expected ?? 0) & 0xff] : [(expected ?? 0) & 0xff];
      const wanted = expected === undefined ? Buffer.alloc(0) : tlv(DO.expected, Buffer.from(le));
      const objects = Buffer.concat([seal(step, data), wanted]);
      const checksum = tlv(DO.mac, channel.checksum(header, objects));
      // An answer is always expected: at least its status and its checksum come as data.
      const body = Buffer.concat([objects, checksum]);
      return encodeCommand({
        ...{ cla: cla | PROTECTED, ins, p1, p2, data: body },
        ...(long || body.length > 255 ? { expected: 65_536, extended: true } : { expected: 256 }),
      });
    },
    unprotect: (bytes) =>
      channel.orDie(() => {
        const step = channel.next(odd);
        demand(bytes.length >= 2, 'messaging.malformed', 'no status');
        const trailer = bytes.subarray(-2);
        // A chip that has dropped the channel answers with a status word alone (ISO/IEC 7816-4 §10.3.4).
        demand(bytes.length > 2, 'messaging.malformed', statusText(trailer.readUInt16BE(0)));
        const { values, authenticated, mac } = readObjects(bytes.subarray(0, -2), [
          cryptogramOf(odd),
          DO.status,
          DO.mac,
        ]);
        demand(same(channel.checksum(Buffer.alloc(0), authenticated), mac), 'messaging.mac');
        const status = values.get(DO.status) ?? refuse('messaging.malformed', 'no protected status');
        demand(status.equals(trailer), 'messaging.malformed', 'the status is not the protected one');
        const cryptogram = values.get(cryptogramOf(odd));
        return Buffer.concat([cryptogram ? unseal(step, cryptogram) : Buffer.alloc(0), status]);
      }),
    state: channel.state,
  };
}

/** Opens commands and seals answers, as a chip does: for the card simulator. */
export function createCardMessaging(state: MessagingState): CardMessaging {
  const channel = createChannel(state);
  let odd = false;
  return {
    open: (bytes) =>
      channel.orDie(() => {
        const { cla, ins, p1, p2, data = Buffer.alloc(0), extended = false } = decodeCommand(bytes);
        demand((cla & PROTECTED) === PROTECTED, 'messaging.malformed', 'plain command');
        odd = ins % 2 === 1;
        const step = channel.next(odd);
        const { values, authenticated, mac } = readObjects(data, [cryptogramOf(odd), DO.expected, DO.mac]);
        const header = Buffer.from([cla, ins, p1, p2]);
        demand(same(channel.checksum(header, authenticated), mac), 'messaging.mac');
        const cryptogram = values.get(cryptogramOf(odd));
        const le = values.get(DO.expected);
        demand(le === undefined || le.length === 1 || le.length === 2, 'messaging.malformed', 'expected length');
        return encodeCommand({
          ...{ cla: cla & ~PROTECTED, ins, p1, p2 },
          ...(cryptogram ? { data: unseal(step, cryptogram) } : {}),
          ...(le ? { expected: le.readUIntBE(0, le.length) || 256 ** le.length } : {}),
          extended: extended && le?.length !== 1,
        });
      }),
    seal(response) {
      if (response.length < 2) throw new RangeError('an answer ends with a status word');
      const step = channel.next(odd);
      const status = response.subarray(-2);
      const objects = Buffer.concat([seal(step, response.subarray(0, -2)), tlv(DO.status, status)]);
      const checksum = tlv(DO.mac, channel.checksum(Buffer.alloc(0), objects));
      return encodeResponse({ data: Buffer.concat([objects, checksum]), status: status.readUInt16BE(0) });
    },
    state: channel.state,
  };
}

/** A way to the chip through a channel: every command is protected, every answer checked. */
export const throughMessaging =
  (transmit: Transmit, messaging: Messaging): Transmit =>
  async (command) =>
    messaging.unprotect(await transmit(messaging.protect(command)));
