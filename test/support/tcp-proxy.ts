import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What stands before PostgreSQL in a cluster: one address, and behind it whichever server it was told. */
export interface TcpProxy {
  readonly port: number;
  /** New connections lead there. Those of before stay open, unless they are `cut`. */
  lead(port: number, cut?: boolean): void;
  end(): Promise<void>;
}

export async function tcpProxy(port: number): Promise<TcpProxy> {
  let target = port;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    lead(next, cut = false) {
      target = next;
      if (cut) cutAll();
    },
    async end() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
