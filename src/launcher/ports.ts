import { createServer } from 'node:net';
import { Unfit } from '../config/unfit.ts';

/** What the sandbox opens, from `PORT` upwards. */
export const SITES = ['provider', 'airline', 'bank', 'portal', 'clinic'] as const;
export type Site = (typeof SITES)[number];

/** The five ports, each free on every loopback address; or the sentence that names the taken ones. */
export async function sitePorts(first: string | undefined): Promise<Record<Site, number>> {
  const text = first?.trim() || '3000';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535 - 4) {
    throw new Unfit(
      'PORT must be a whole number from 1 to 65531: the provider takes it, and the four samples the next four.',
    );
  }
  const ports = Object.fromEntries(SITES.map((site, index) => [site, port + index])) as Record<Site, number>;
  const problems = await Promise.all(Object.values(ports).map(async (each) => [each, await problem(each)] as const));
  const taken = problems.filter(([, code]) => code === 'EADDRINUSE').map(([each]) => each);
  if (taken.length > 0) {
    throw new Unfit(
      `Port ${taken.join(', ')} ${taken.length === 1 ? 'is' : 'are'} taken by another program: stop it, or start with another first port, PORT=${port < 60_000 ? port + 100 : 4000} npm start.`,
    );
  }
  const closed = problems.find(([, code]) => code !== undefined);
  if (closed) throw new Unfit(`Port ${closed[0]} is not open to this user (${closed[1]}): choose another with PORT.`);
  return ports;
}

/** A browser that is sent to `localhost` may come by either protocol: nobody else may sit on either. */
async function problem(port: number): Promise<string | undefined> {
  for (const host of ['127.0.0.1', '::1']) {
    const code = await new Promise<string | undefined>((resolve) => {
      const server = createServer()
        .once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
        .listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
    });
    if (code && !(host === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code))) return code;
  }
  return undefined;
}
