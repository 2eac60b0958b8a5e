import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

/** A way to a process that does not listen where the issuer says: the first line of Host is the issuer's. */
export async function wayTo(origin: string, issuer: string): Promise<Server> {
  const { hostname, port } = new URL(origin);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.once('data', (first) => {
      far.write(first.toString('latin1').replace(/^Host: .*$/im, `Host: ${new URL(issuer).host}`), 'latin1');
      near.pipe(far);
    });
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
