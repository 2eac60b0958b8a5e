import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A software card, as `createVirtualCard` makes it. */
interface Plastic {
  transmit(command: Buffer): Promise<Buffer>;
  readonly atr: Buffer;
  reset(): void;
}

/** Control messages of vpcd (vsmartcard): one octet, no answer but to the last. */
const POWER_OFF = 0;
const POWER_ON = 1;
const RESET = 2;
const GET_ATR = 4;

/**
 * Lays a card on the virtual reader of vsmartcard-vpcd, which listens at `port`. The talk is length-prefixed, two octets: a
 * message of one octet is for the card's power, everything longer is a command. `after` commands the card is pulled away.
 */
export async function layOnReader(
  card: Plastic,
  { port, pullAfter = Number.POSITIVE_INFINITY }: { port: number; pullAfter?: number },
) {
  const socket = await patiently(port);
  let received: Buffer = Buffer.alloc(0);
  let commands = 0;
  let turn: Promise<void> = Promise.resolve();
  const answer = async (message: Buffer): Promise<void> => {
    if (message.length === 1) {
      const [control] = message;
      if (control === POWER_ON || control === POWER_OFF || control === RESET) card.reset();
      if (control === GET_ATR) send(card.atr);
      return;
    }
    commands += 1;
    if (commands > pullAfter) socket.destroy();
    else send(await card.transmit(message));
  };
  const send = (bytes: Buffer): void => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    socket.write(Buffer.concat([length, bytes]));
  };
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const message = received.subarray(2, 2 + received.readUInt16BE(0));
      received = received.subarray(2 + message.length);
      turn = turn.then(() => answer(message)).catch(() => void socket.destroy());
    }
  });
  return {
    /** How many commands came. */
    commands: () => commands,
    /** The card is taken away. */
    async pull(): Promise<void> {
      if (socket.closed) return;
      const gone = once(socket, 'close');
      socket.destroy();
      await gone;
    },
  };
}

/**
 * The reader listens again only when pcscd has seen that the last card went; a connection that came before waits in a queue
 * that nobody looks at any more. A card that is seen is asked for its ATR within half a second.
 */
async function patiently(port: number): Promise<Socket> {
  for (let left = 50; ; left -= 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      socket.on('error', () => {});
      if (await isSeen(socket)) return socket;
      socket.destroy();
    } catch (error) {
      if (left === 0) throw error;
      await pause(100);
    }
  }
}

/** Whether a word comes; it stays in the socket for whoever reads it. */
async function isSeen(socket: Socket): Promise<boolean> {
  const seen = once(socket, 'readable').then(
    () => true,
    () => false,
  );
  return Promise.race([seen, pause(2_000, false)]);
}
