import { once } from 'node:events';
import { createConnection } from 'node:net';
import { Pkcs11Fault } from './fault.ts';
import { answered, CALL, type Call, PROTOCOL_VERSION, type Reading, received, request } from './messages.ts';

/** A socket to p11-kit server, behind which a process of our own has the module open. */
export interface Connection {
  /** One call at a time. */
  ask(call: Call, ...parts: Buffer[]): Promise<Reading>;
  /** Whether the other side is gone. */
  closed(): boolean;
  /** Ends that process too. */
  close(): void;
}

/** A card makes an RSA key in half a minute. */
const SLOW = 60_000;

/** Connects to the Unix socket at `path`; but for making a key, no call may take longer than `timeout` milliseconds. Throws `Pkcs11Fault`. */
export async function connectTo(path: string, timeout: number): Promise<Connection> {
  const socket = createConnection(path);
  let bytes: Buffer = Buffer.alloc(0);
  let over: Pkcs11Fault | undefined;
  let waiting: { done: () => boolean; settle: (fault?: Pkcs11Fault) => void } | undefined;
  const end = (fault: Pkcs11Fault): void => {
    over ??= fault;
    socket.destroy();
    waiting?.settle(over);
  };
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more]);
    try {
      if (waiting?.done()) waiting.settle();
    } catch (fault) {
      end(fault as Pkcs11Fault);
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => end(new Pkcs11Fault('lost')));
  // A session that waits for work keeps no process alive.
  socket.unref();
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    end(new Pkcs11Fault(code === 'EACCES' || code === 'EPERM' ? 'denied' : 'absent', { about: path }));
    throw over;
  }

  /** Until `done` says so of what has come. */
  const until = (done: () => boolean, within = timeout): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(new Pkcs11Fault('silent')), within);
      waiting = {
        done,
        settle: (fault) => {
          clearTimeout(timer);
          waiting = undefined;
          if (fault) reject(fault);
          else resolve();
        },
      };
      if (over) waiting.settle(over);
    });

  socket.write(Buffer.of(PROTOCOL_VERSION));
  await until(() => bytes.length >= 1);
  if (bytes[0] !== PROTOCOL_VERSION) {
    end(new Pkcs11Fault('garbled', { about: 'its version' }));
    throw over;
  }
  bytes = bytes.subarray(1);

  let number = 0;
  return {
    async ask(call, ...parts) {
      if (waiting) throw new Error('one call at a time');
      number += 1;
      socket.write(request(call, number, parts));
      let message: ReturnType<typeof received>;
      await until(
        () => {
          message = received(bytes);
          return message !== undefined;
        },
        call.id === CALL.generateKeyPair.id ? SLOW : timeout,
      );
      bytes = bytes.subarray(message!.length);
      if (message!.number !== number) {
        end(new Pkcs11Fault('garbled', { about: 'the number of an answer' }));
        throw over;
      }
      return answered(call, message!.body);
    },
    closed: () => over !== undefined,
    close: () => end(new Pkcs11Fault('lost')),
  };
}
