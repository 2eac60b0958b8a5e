import WebSocket from 'ws';
import { type Done, type ServerFrame, serverFrame } from './server-frames.ts';

/** How the server ended it. `accepted` says that the data arrived; whether they are genuine, the sign-in says. */
export interface LineEnd {
  readonly status: 'accepted' | 'refused';
  /** The coarse code of the server, or `connection`. */
  readonly code?: string;
}

/** A connection to the server: frames out, numbered, and frames in. */
export interface Line {
  /** Sends a frame; nothing happens when the session is over. */
  send(frame: { readonly t: string; readonly [member: string]: unknown }): void;
  /** The next frame of the server other than `done`; never resolves after the end. */
  next(): Promise<Exclude<ServerFrame, Done>>;
  /** The end: what `done` said, or code `connection` when the line broke without one. */
  readonly done: Promise<LineEnd>;
  readonly over: boolean;
  close(): void;
}

const BROKEN = { status: 'refused', code: 'connection' } as const;
const CONNECT_WITHIN = 10_000;

/** Connects. The token is no part of the address: addresses stand in logs. */
export function createLine(url: string): Line {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: CONNECT_WITHIN,
    maxPayload: 256 * 1024,
  });
  const inbox: Exclude<ServerFrame, Done>[] = [];
  const unsent: string[] = [];
  let wake: (() => void) | undefined;
  let seq = 0;
  let over = false;
  const { promise: done, resolve } = Promise.withResolvers<LineEnd>();
  const end = ({ status, code }: Omit<Done, 't'>): void => {
    over = true;
    resolve({ status, ...(code === undefined ? {} : { code }) });
  };
  socket.on('open', () => {
    for (const text of unsent.splice(0)) socket.send(text);
  });
  socket.on('message', (data) => {
    if (over) return;
    let frame: ServerFrame;
    try {
      frame = serverFrame.parse(JSON.parse(String(data)));
    } catch {
      // A server that speaks otherwise is none that this reader can serve.
      end(BROKEN);
      return socket.close();
    }
    if (frame.t === 'done') return end(frame);
    inbox.push(frame);
    wake?.();
  });
  socket.on('error', () => {});
  socket.on('close', () => end(BROKEN));

  return {
    send(frame) {
      if (over) return;
      seq += 1;
      const text = JSON.stringify({ v: 1, seq, ...frame });
      if (socket.readyState === socket.CONNECTING) unsent.push(text);
      else socket.send(text);
    },
    async next() {
      for (;;) {
        const frame = inbox.shift();
        if (frame) return frame;
        await new Promise<void>((woken) => {
          wake = woken;
        });
      }
    },
    done,
    get over() {
      return over;
    },
    close: () => socket.close(),
  };
}
