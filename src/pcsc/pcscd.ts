import { setTimeout as pause } from 'node:timers/promises';
import { connectTo } from './connection.ts';
import { PcscFault } from './fault.ts';
import * as message from './messages.ts';
import { COMMAND, LENGTH, MAX_APDU, PROTOCOL, type ReaderState } from './messages.ts';

export { PCSC_FAULTS, PcscFault, type PcscFaultCode } from './fault.ts';
export type { ReaderState } from './messages.ts';

/** Readers of this machine, through its pcscd. Every call throws `PcscFault`, or what the signal was aborted with. */
export interface Pcsc {
  readers(): Promise<readonly ReaderState[]>;
  /** The first reader on which a card lies, or the one of this name; waits as long as the signal lets it. */
  cardOn(name?: string): Promise<ReaderState>;
  /** Opens the card for us alone, until `disconnect`. */
  connect(reader: string): Promise<Card>;
  close(): void;
}

/** A card that answers. */
export interface Card {
  /** One APDU, as it is; the answer with its status word. One at a time. */
  transmit(command: Buffer): Promise<Buffer>;
  /** Ends every session with the chip. Never throws: the card may be gone. */
  disconnect(): Promise<void>;
}

const SOCKET = '/run/pcscd/pcscd.comm';
/** How often readers are looked at, milliseconds; the daemon itself polls a reader every 400. */
const EVERY = 200;
/** A chip that computes asks for more time again and again; none takes so long (ISO/IEC 14443-4 §7.3). */
const CARD_SECONDS = 20;

/** Opens a session with pcscd. `socket`: as `PCSCLITE_CSOCK_NAME` says it to every program. */
export async function openPcsc({ socket = SOCKET, signal }: { socket?: string; signal: AbortSignal }): Promise<Pcsc> {
  const { receive, send, close } = await connectTo(socket, signal);
  const ask: Ask = async ({ command, body = Buffer.alloc(0), behind = Buffer.alloc(0), seconds }) => {
    send(Buffer.concat([message.header(COMMAND[command], body.length), body, behind]));
    return receive(LENGTH[command], seconds);
  };
  const readers = async () => message.statesFrom(await ask({ command: 'states' }));
  try {
    await agree(ask);
    const context = message.contextFrom(await ask({ command: 'establish', body: message.establishBody() }));
    return {
      readers,
      async cardOn(name) {
        // Asked again and again: how pcscd tells of a change is not the same in all versions, this is.
        for (;;) {
          const known = (await readers()).filter((reader) => name === undefined || reader.name === name);
          if (known.length === 0) throw new PcscFault('no_reader', name);
          const found = known.find(({ present }) => present);
          if (found) return found;
          await pause(EVERY, undefined, { signal });
        }
      },
      async connect(reader) {
        const body = message.connectBody(context, reader);
        const opened = message.cardFrom(await ask({ command: 'connect', body, seconds: CARD_SECONDS }));
        // Shared and then locked: programs that look at every card (an agent, a browser) do not come between.
        const lock = { command: 'begin', body: message.beginBody(opened.card), seconds: CARD_SECONDS } as const;
        message.succeeded(await ask(lock));
        return cardOf(opened, { ask, receive });
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** One question to the daemon; `behind` follows the body and is not in the length of the header. */
type Ask = (question: {
  command: keyof typeof COMMAND;
  body?: Buffer;
  behind?: Buffer;
  seconds?: number;
}) => Promise<Buffer>;

/** Offers our version, then pcscd's own where that is the same to us: until 2.4.0 a daemon takes none but its own. */
async function agree(ask: Ask): Promise<void> {
  const offer = async (minor: number) =>
    message.versionFrom(await ask({ command: 'version', body: message.versionBody(minor) }));
  const first = await offer(PROTOCOL.minor);
  if (first.taken) return;
  const known = first.major === PROTOCOL.major && first.minor >= PROTOCOL.oldest && first.minor <= PROTOCOL.newest;
  if (known && (await offer(first.minor)).taken) return;
  throw new PcscFault('version', `${first.major}.${first.minor}`);
}

function cardOf(
  { card, protocol }: { card: number; protocol: number },
  { ask, receive }: { ask: Ask; receive: (length: number) => Promise<Buffer> },
): Card {
  let gone = false;
  const exchange = async (apdu: Buffer): Promise<Buffer> => {
    if (apdu.length > MAX_APDU) throw new PcscFault('failed', 'the command is too long');
    const body = message.transmitBody(card, protocol, apdu.length);
    const answer = await ask({ command: 'transmit', body, behind: apdu, seconds: CARD_SECONDS });
    const octets = await receive(message.answerLengthFrom(answer));
    // Some drivers say nothing when a card leaves the field; every answer has a status word.
    if (octets.length < 2) throw new PcscFault('removed');
    return octets;
  };
  return {
    async transmit(apdu) {
      try {
        return await exchange(apdu);
      } catch (error) {
        gone = true;
        throw error;
      }
    },
    async disconnect() {
      await ask({ command: 'disconnect', body: message.disconnectBody(card, { gone }) }).catch(() => {});
    },
  };
}
