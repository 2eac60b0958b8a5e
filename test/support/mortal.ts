import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type App, createApp } from '../../src/app.ts';
import { type Browser, createBrowser, createSend } from './http-client.ts';
import type { TestServer } from './server.ts';
import { settingsOf } from './settings.ts';

/** What a process feels of being killed: from its n-th statement on nothing that it does arrives. */
export class Killed extends Error {}

/** Another process of a server, in this one, that is killed at a statement and stands again as if it had been started anew. */
export interface Mortal {
  readonly app: App;
  /** Of a browser that goes to this process. */
  browser(): Browser;
  /** Does it in a process that dies at its n-th statement; true when it lived to the end. */
  until(n: number, work: () => Promise<unknown>): Promise<boolean>;
  /** Does it again and again, dying one statement later each time, until it lives; answers how often it has died. */
  throughout(work: () => Promise<unknown>, died: (n: number) => Promise<void>): Promise<number>;
  /** Called with each statement; for a database of somebody else's. */
  readonly onStatement: () => void;
  end(): Promise<void>;
}

/** No work has as many statements. */
const MOST = 200;

export async function aMortal(server: Pick<TestServer, 'environment' | 'issuer'>): Promise<Mortal> {
  let left = Number.POSITIVE_INFINITY;
  const onStatement = (): void => {
    left -= 1;
    if (left < 0) throw new Killed('killed');
  };
  // Without its jobs: only what is asked of it is counted.
  const app = await createApp(settingsOf(server.environment), { strict: true, onStatement });
  const listener = createServer(app.handler).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const until: Mortal['until'] = async (n, work) => {
    left = n;
    try {
      await work();
      return left >= 0;
    } catch (error) {
      if (left >= 0) throw error;
      return false;
    } finally {
      left = Number.POSITIVE_INFINITY;
    }
  };
  return {
    ...{ app, until, onStatement },
    browser: () => createBrowser({ send: createSend({ via: { [server.issuer]: origin } }) }),
    async throughout(work, died) {
      for (let n = 0; n < MOST; n += 1) {
        if (await until(n, work)) return n;
        await died(n);
      }
      throw new Error(`it died ${MOST} times and has never lived`);
    },
    async end() {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
      await app.stop();
    },
  };
}
