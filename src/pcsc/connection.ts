import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
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

/** Connects to the Unix socket at `path`. Throws `PcscFault`, or what `signal` was aborted with. */
export async function connectTo(path: string, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  const socket = createConnection(path);
  // Heard for as long as the socket lives: what breaks between two questions shows at the next one.
  socket.on('error', () => {});
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    throw new PcscFault(code === 'EACCES' || code === 'EPERM' ? 'denied' : 'absent', path);
  }
  return {
    send: (bytes) => void socket.write(bytes),
    receive: (length, seconds = SECONDS) => receive(socket, length, { seconds, signal }),
    close() {
      signal.removeEventListener('abort', stop);
      socket.destroy();
    },
  };
}

async function receive(socket: Socket, length: number, { seconds, signal }: { seconds: number; signal: AbortSignal }) {
  if (length === 0) return Buffer.alloc(0);
  const ended = new AbortController();
  const end = () => ended.abort();
  const late = AbortSignal.timeout(seconds * 1_000);
  socket.once('end', end).once('close', end);
  try {
    while (!socket.destroyed && !socket.readableEnded) {
      // Nothing is kept but what was asked for: the stream holds back the rest.
      const bytes = socket.read(length) as Buffer | null;
      if (bytes?.length === length) return bytes;
      if (bytes) break;
      await once(socket, 'readable', { signal: AbortSignal.any([ended.signal, late, signal]) });
    }
  } catch {
    // Which of the three it was, and what a socket says of its end, is told below.
  } finally {
    socket.off('end', end).off('close', end);
  }
  signal.throwIfAborted();
  // A daemon that refuses a user, or has stopped, says nothing and closes.
  throw late.aborted ? new PcscFault('silent') : new PcscFault('denied', 'the connection was closed');
}
