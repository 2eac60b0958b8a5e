import { EventEmitter, once } from 'node:events';
import { createConnection } from 'node:net';
import { PcscFault } from './fault.ts';

/** A socket to pcscd, on which one question at a time is asked. */
export interface Connection {
  send(bytes: Buffer): void;
  /** Exactly the next `length` octets, within `seconds`. Throws `PcscFault`, or what the signal was aborted with. */
  receive(length: number, seconds?: number): Promise<Buffer>;
  close(): void;
}

/** A daemon that has just been started looks at its USB readers first. */
const SECONDS = 10;
/** More than any answer has: who sends it without being asked is no pcscd. */
const MOST = 131_072;

/** Connects to the Unix socket at `path`. Throws `PcscFault`, or what `signal` was aborted with. */
export async function connectTo(path: string, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  const socket = createConnection(path);
  const news = new EventEmitter();
  let received: Buffer = Buffer.alloc(0);
  let over = false;
  const end = (): void => {
    over = true;
    socket.destroy();
    news.emit('news');
  };
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    if (received.length > MOST) end();
    else news.emit('news');
  });
  // Heard for as long as the socket lives: what breaks between two questions shows at the next one.
  socket.on('error', () => {});
  socket.on('close', end);
  signal.addEventListener('abort', end, { once: true });
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    throw new PcscFault(code === 'EACCES' || code === 'EPERM' ? 'denied' : 'absent', path);
  }
  return {
    send: (bytes) => void socket.write(bytes),
    async receive(length, seconds = SECONDS) {
      const late = AbortSignal.timeout(seconds * 1_000);
      while (received.length < length && !over && !late.aborted) {
        // Aborted or late: the loop ends, and what comes after it says which.
        await once(news, 'news', { signal: late }).catch(() => {});
      }
      signal.throwIfAborted();
      if (received.length < length) {
        // A daemon that refuses a user, or has stopped, says nothing and closes.
        throw over ? new PcscFault('denied', 'the connection was closed') : new PcscFault('silent');
      }
      const answer = received.subarray(0, length);
      received = received.subarray(length);
      return answer;
    },
    close() {
      signal.removeEventListener('abort', end);
      socket.destroy();
    },
  };
}
