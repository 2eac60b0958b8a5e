import { once } from 'node:events';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn } from '../support/attack.ts';
import { createBrowser, createSend, type Send } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCitizen, aParty, type Citizen } from '../support/newcomers.ts';
import { plainClient } from '../support/relying-party.ts';
import { freePort } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';

describe('case 66: every process is replaced by another while people sign in', () => {
  let server: TestServer;
  const upstreams: Upstream[] = [];
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  interface Upstream {
    ready: boolean;
    gone: boolean;
    readonly send: Send;
    readonly child: Awaited<ReturnType<TestServer['another']>>['child'];
  }
  /** A process behind the balancer, which asks for its readiness ten times a second. */
  async function join(): Promise<Upstream> {
    const ops = await freePort();
    const { child, origin } = await server.another({ OPS_PORT: String(ops), DRAIN_DELAY: '1' });
    const via = { [server.issuer]: origin };
    const upstream = {
      ready: false,
      gone: false,
      child,
      send: createSend({ via, dispatcher: new Agent({ connections: 8 }) }),
    };
    upstreams.push(upstream);
    child.once('exit', () => {
      upstream.gone = true;
    });
    const look = async (): Promise<void> => {
      upstream.ready = await fetch(`http://127.0.0.1:${ops}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!upstream.gone) setTimeout(look, 100);
    };
    await look();
    expect(upstream.ready).toBe(true);
    return upstream;
  }
  /** Sends to each ready process in turn, once, and repeats nothing: what fails here fails for somebody. */
  let turn = 0;
  const failures: string[] = [];
  const balanced: Send = async (url, sending) => {
    const ready = upstreams.filter((one) => one.ready);
    turn += 1;
    const upstream = ready[turn % ready.length];
    if (!upstream) throw new Error('no process is ready');
    try {
      const reply = await upstream.send(url, sending);
      if (reply.status >= 500) failures.push(`${reply.status} ${url}`);
      return reply;
    } catch (error) {
      failures.push(`${(error as { code?: string }).code ?? error} ${url}`);
      throw error;
    }
  };

  test('no request fails, every process ends with 0, and every sign-in that began ends with tokens', async () => {
    const old = [await join(), await join()];
    const config = await aParty(server, 'busy-party');
    const party = await plainClient(server.issuer, config, { send: balanced });
    const people: Citizen[] = [];
    for (let n = 0; n < 3; n += 1) people.push(await aCitizen(server, { level: 1, totp: false }));
    let going = true;
    let done = 0;
    const load = people.map(async (citizen) => {
      while (going) {
        const started = await party.begin({ prompt: 'login' });
        const page = await signIn(await createBrowser({ send: balanced }).open(started.url), citizen);
        expect(answerIn(page.location)).toHaveProperty('code');
        const tokens = await party.exchange(page.location ?? '', started);
        expect(tokens.status).toBe(200);
        done += 1;
      }
    });
    const ends: unknown[] = [];
    for (const one of old) {
      await join();
      const ended = once(one.child, 'exit');
      one.child.kill('SIGTERM');
      ends.push(await ended);
    }
    const after = done;
    await expect.poll(() => done, { timeout: 20_000 }).toBeGreaterThan(after + 3);
    going = false;
    await Promise.all(load);
    console.info(`${turn} requests, ${done} sign-ins while two processes were replaced`);
    expect(failures).toEqual([]);
    expect(ends).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(turn).toBeGreaterThan(50);
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
