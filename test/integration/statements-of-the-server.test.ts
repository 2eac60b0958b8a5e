import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protocolTables } from '../../src/oidc/storage/expiring.ts';
import { type Browser, createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import { fapiClient, plainClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Means, signIn } from '../support/sign-in.ts';

/**
 * Issue 2 §2, on the whole server with its pages: the bare pattern needs 18 statements for a code flow from a new browser, 13
 * with a session and 30 for a FAPI flow; 12, 8 and 20 are allowed for the protocol. A statement is the protocol's when it names
 * one of its tables, whatever else it carries; people, authenticators, consents and throttles are the rest.
 */
describe('statements of the whole server', () => {
  let server: TestServer;
  let plain: RelyingParty;
  let fapi: RelyingParty;
  let person: Citizen;
  let stopWatching: (() => Promise<void> | void) | undefined;
  const sent: string[] = [];
  const PROTOCOL = protocolTables(0).map(({ table }) => table);
  const ofProtocol = new RegExp(`\\b(FROM|JOIN|INTO|UPDATE)\\s+(${PROTOCOL.join('|')})\\b`);
  // Each process asks once a second whether a client was changed; that belongs to no request.
  const ofNobody = /\bclient_changes\b/;

  beforeAll(async () => {
    server = await startServer({ jobs: false, onStatement: (text) => void (ofNobody.test(text) || sent.push(text)) });
    // Of what runs by itself only this: it is what lets clients be read once.
    stopWatching = await server.app.parts.relyingParties.watch();
    plain = await plainClient(server.issuer, server.client('sandbox-confidential'));
    fapi = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    const citizen = await aCitizen(server);
    person = { ...citizen, passkey: await bindPasskey(server.issuer, citizen) };
    // Consents are given once; what is counted is every sign-in after the first.
    for (const party of [plain, fapi]) await flow(party, createBrowser(), 'passkey');
  });
  afterAll(async () => {
    await stopWatching?.();
    await server.end();
  });

  async function flow(party: RelyingParty, browser: Browser, means: Means): Promise<Browser> {
    const started = await party.begin();
    const done = await signIn(await browser.open(started.url), person, means);
    const answer = await party.exchange(done.location ?? '', started);
    expect(answer.status, answer.text).toBe(200);
    expect((await party.userinfo(answer.json<Tokens>().access_token)).status).toBe(200);
    return browser;
  }

  async function counted(name: string, work: () => Promise<Browser>) {
    sent.length = 0;
    const browser = await work();
    const protocol = sent.filter((text) => ofProtocol.test(text)).length;
    const texts = sent
      .map((text) => `${ofProtocol.test(text) ? 'protocol' : 'rest    '} ${text.slice(0, 160)}`)
      .join('\n');
    console.info(`${name}: ${protocol} statements of the protocol, ${sent.length} in all`);
    return { browser, protocol, all: sent.length, texts };
  }

  test('a code flow from a new browser: at most 12 for the protocol; with a session, at most 8', async () => {
    const password = await counted('code flow, new browser, password', () => flow(plain, createBrowser(), 'password'));
    expect.soft(password.protocol, password.texts).toBeLessThanOrEqual(12);
    const passkey = await counted('code flow, new browser, passkey', () => flow(plain, createBrowser(), 'passkey'));
    expect.soft(passkey.protocol, passkey.texts).toBeLessThanOrEqual(12);
    const again = await counted('code flow, with a session', () => flow(plain, passkey.browser, 'passkey'));
    expect.soft(again.protocol, again.texts).toBeLessThanOrEqual(8);
  });

  test('a FAPI flow from a new browser: at most 20 for the protocol', async () => {
    const first = await counted('FAPI flow, new browser, passkey', () => flow(fapi, createBrowser(), 'passkey'));
    expect(first.protocol, first.texts).toBeLessThanOrEqual(20);
  });

  test('nothing is counted that is not there: each flow reads and writes what it must', async () => {
    const { protocol, all, texts } = await counted('code flow once more', () =>
      flow(plain, createBrowser(), 'passkey'),
    );
    for (const table of ['authorization_codes', 'access_tokens', 'sessions', 'grants'])
      expect(texts + sent.join('')).toContain(table);
    expect(protocol).toBeGreaterThanOrEqual(6);
    expect(all).toBeGreaterThan(protocol);
    await checkInvariants(server.database, server.app);
  });
});
