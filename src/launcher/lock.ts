import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join, relative } from 'node:path';
import { Unfit } from '../config/unfit.ts';

/**
 * Holds the state folder for this launcher alone. A socket and not a file with a pid: the kernel takes it from us when we are
 * killed, and knows no pids that are used again. Its path is written from here, since a socket's may have 108 letters only.
 */
export async function holdFolder(folder: string): Promise<() => void> {
  const path = relative(process.cwd(), join(folder, 'launcher.socket'));
  if (await answers(path)) {
    throw new Unfit(`SenID already runs from this folder (${folder}): stop that one first.`);
  }
  rmSync(path, { force: true });
  const server = await listen(path, folder);
  server.unref();
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const listen = (path: string, folder: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).listen(path, () => resolve(server));
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(new Unfit(`${folder} cannot be written to (${code}).`)),
    );
  });
