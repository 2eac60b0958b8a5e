import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPictureIntake } from '../../src/domain/applications/index.ts';
import { bandsOf } from '../../src/domain/biometrics/picture-bands.ts';
import { createPortraitDecoder } from '../../src/platform/portrait-decoder/portrait-decoder.ts';
import { sql } from '../../src/platform/sql.ts';
import { type Browser, createBrowser, createSend, type Reply } from '../support/http-client.ts';
import { createCounter } from '../support/in-person.ts';
import { pictureOf } from '../support/pictures.ts';
import { listenTo } from '../support/said.ts';
import { freePort } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import { multipart, signUp } from '../support/sign-up.ts';
import { wayTo } from '../support/way-to.ts';

// Abuse case 51, what is left behind: pictures are sent at a sign-in, with an application, at a clinic, to the wrong places, and where
// the database fails, at a process whose log is heard. Nothing of any of them, and of what is made of them to know them again, may be
// found in its log, metrics, journal, answers, or in what a person is given of their own data.
const PERSONA = 'level-2-chip-face';
const NEWCOMER = { identityNumber: '097197000021', fullName: 'Sương', birthdate: '1997-11-02' };

describe('case 51: what nobody may find of a picture in logs, metrics, journal, answers or exports', () => {
  let server: TestServer;
  let way: Server;
  let said: ReturnType<typeof listenTo>;
  let metrics = '';
  let journal = '';
  let copy = '';
  const replies: Reply[] = [];
  /** By name: the octets that came, and those that we have made of them. */
  const pictures = new Map<string, Buffer>();
  /** By name: the signs of its waves. */
  const templates = new Map<string, readonly string[]>();
  const decoder = createPortraitDecoder({ timeoutMs: 10_000 });
  const intake = createPictureIntake(decoder);

  /** A picture that is looked for afterwards: as it is sent, and as the server has made it anew. */
  async function planted(name: string, ...of: Parameters<typeof pictureOf>): Promise<Buffer> {
    const picture = await pictureOf(...of);
    const taken = await intake(picture);
    if (!taken.taken) throw new Error(taken.reason);
    pictures.set(name, picture).set(`${name}, made anew`, taken.image);
    templates.set(name, (await bandsOf(taken.image)).plain);
    return picture;
  }

  beforeAll(async () => {
    server = await startServer();
    const opsPort = await freePort();
    const other = await server.another({ LOG_LEVEL: 'info', OPS_PORT: String(opsPort) });
    said = listenTo(other.child);
    way = await wayTo(other.origin, server.issuer);
    const via = { [server.issuer]: other.origin };
    const plain = createSend({ via });
    const browser = () =>
      createBrowser({
        send: async (url, sending) => {
          const reply = await plain(url, sending);
          replies.push(reply);
          return reply;
        },
      });
    await atSignIn(browser());
    await withApplication(browser());
    await atClinic(via);
    await elsewhere(browser());
    metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
    const rows = await server.database.rows<{ text: string }>(sql`SELECT j::text AS text FROM journal_incoming AS j
      UNION ALL SELECT j::text FROM journal AS j`);
    journal = rows.map(({ text }) => text).join('\n');
    // The log is written at the latest after a fraction of a second.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  });
  afterAll(async () => {
    way.close();
    await decoder.close();
    await server.end();
  });

  /** Faces of theirs, one of before and one of somebody else, and what they are given of their own data. */
  async function atSignIn(browser: Browser): Promise<void> {
    const passkey = await bindPasskey(server.issuer, server.claimant(PERSONA));
    const { identityNumber } = server.persona(PERSONA);
    const id = (await server.app.parts.subscribers.locate(identityNumber))!.id;
    await server.app.parts.authenticators.install(id, { kind: 'face' });
    const claimant = { ...server.claimant(PERSONA), passkey };
    await signIn(await browser.open(`${server.issuer}/account`), claimant, 'passkey');
    const good = await planted('at a sign-in', identityNumber);
    const other = await planted('of somebody else', server.persona('level-1').identityNumber);
    const lying = await planted('of a screen', identityNumber, 'screen');
    const send = async (picture: Buffer) => {
      const asked = await browser.open(`${server.issuer}/account/passkeys/new`);
      const shown = await asked.submit({}, { button: 'kind=face' });
      const form = shown.form('face-form');
      const { csrf = '', challenge = '' } = Object.fromEntries(form.values);
      return browser.open(new URL(form.action, shown.url).href, {
        method: 'POST',
        ...multipart({ csrf, challenge }, picture),
      });
    };
    for (const picture of [other, lying, Buffer.concat([good.subarray(0, 4_000), Buffer.alloc(9)])])
      await send(picture);
    // A fault of ours, with what is kept of the picture in the parameters of the statement that fails.
    await server.database.execute(sql`ALTER TABLE in_person_pictures RENAME TO in_person_pictures_away`);
    const fault = await send(good);
    await server.database.execute(sql`ALTER TABLE in_person_pictures_away RENAME TO in_person_pictures`);
    expect(fault.status).toBe(500);
    const seen = await send(await planted('the one that passed', identityNumber));
    await seen.submit({ password: claimant.password ?? '' });
    const data = await browser.open(`${server.issuer}/account/data`);
    const { action } = data.form('download-form');
    const csrf = data.form('download-form').values.get('csrf') ?? '';
    const given = await browser.send(new URL(action, data.url).href, {
      method: 'POST',
      body: new URLSearchParams({ csrf }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
    });
    expect(given.status).toBe(200);
    copy = given.text + (await browser.open(`${server.issuer}/account/data/print`)).text;
  }

  /** Somebody signs up, and their application comes to its end. */
  async function withApplication(browser: Browser): Promise<void> {
    const picture = await planted('with an application', NEWCOMER.identityNumber);
    const seen = await signUp(server, browser, { ...NEWCOMER, phone: '+84900000121', picture });
    expect(seen.at(-1)!.status).toBe(200);
  }

  async function atClinic(via: Record<string, string>): Promise<void> {
    const clinic = await createCounter(server.issuer, server.client('sample-clinic'), {
      via,
      at: (url) => url.replace(/^ws:\/\/[^/]+/, `ws://127.0.0.1:${(way.address() as AddressInfo).port}`),
    });
    const { identityNumber } = server.persona('level-2-chip');
    const picture = await planted('at a clinic', identityNumber);
    expect(await clinic.check('level-2-chip.genuine', picture)).toMatchObject({ verified: true });
    expect(await clinic.check('level-2-chip.genuine', picture)).toMatchObject({ verified: false });
  }

  /** Where no picture belongs, in the address, as a name, as a file and as text. */
  async function elsewhere(browser: Browser): Promise<void> {
    for (const picture of [...pictures.values()].slice(0, 3))
      for (const path of ['/', '/nowhere', '/token', '/account', '/sign-up/face', '/in-person/v1/verifications']) {
        const piece = picture.subarray(600, 1_200).toString('base64url');
        await browser.send(`${server.issuer}${path}?picture=${piece}&lang=en`);
        await browser.send(server.issuer + path, { method: 'POST', ...multipart({ name: piece }, picture) });
        await browser.send(server.issuer + path, {
          method: 'POST',
          body: JSON.stringify({ picture: picture.toString('base64') }),
          headers: { 'content-type': 'application/json', origin: server.issuer },
        });
      }
  }

  /** Pieces from all over each picture, and each band of it, in the spellings that a careless line would have. */
  function spellings(): [string, string][] {
    const octets = [...pictures].flatMap(([name, picture]) =>
      Array.from({ length: 40 }, (_, place) => {
        // Base64 of a piece is found in that of the whole where both begin at the same third.
        const at = Math.floor((600 + ((picture.length - 660) * place) / 40) / 3) * 3;
        const piece = picture.subarray(at, at + 24);
        return [
          [`${name}, hexadecimal`, piece.toString('hex')],
          [`${name}, HEXADECIMAL`, piece.toString('hex').toUpperCase()],
          [`${name}, base64`, piece.toString('base64')],
          [`${name}, base64url`, piece.toString('base64url')],
          [`${name}, octet by octet`, [...piece].join(',')],
          [`${name}, as characters`, piece.toString('latin1')],
        ] as [string, string][];
      }).flat(),
    );
    const signs = [...templates].flatMap(([name, bands]) =>
      bands.flatMap((band): [string, string][] => [
        [`${name}, signs`, band],
        [`${name}, signs in hexadecimal`, Number.parseInt(band, 2).toString(16).padStart(8, '0')],
        [`${name}, signs in brackets`, [...band].join(',')],
      ]),
    );
    return [...octets, ...signs];
  }
  const found = (text: string): string[] =>
    spellings().flatMap(([name, spelt]) => (text.includes(spelt) ? [name] : []));

  test('the search finds what it looks for', () => {
    const picture = pictures.get('at a sign-in')!;
    const anew = pictures.get('at a sign-in, made anew')!;
    for (const spelling of ['hex', 'base64', 'base64url', 'latin1'] as const)
      for (const one of [picture, anew])
        expect(found(`{"msg":"x","body":"${one.toString(spelling)}"}`).length, spelling).toBeGreaterThan(20);
    expect(found(JSON.stringify({ body: anew })).length).toBeGreaterThan(20);
    expect(found(`{"msg":"x","bands":${JSON.stringify(templates.get('at a clinic'))}}`)).not.toEqual([]);
    // And a line about a picture in the midst of others.
    const line = `{"level":"info","tail":"${picture.subarray(3_000, 6_000).toString('hex')}"}`;
    expect([...said.lines, line].filter((one) => found(one).length > 0)).toEqual([line]);
  });

  test('not in the log, though it told of every request', () => {
    const told = said.lines.filter((line) => /face|sign-up|verifications/.test(line));
    expect(told.length).toBeGreaterThan(15);
    expect(said.lines.some((line) => /"status":500/.test(line))).toBe(true);
    for (const line of said.lines) expect([line.slice(0, 80), found(line)]).toEqual([line.slice(0, 80), []]);
  });

  test('not in the journal, though it tells of every face', () => {
    for (const type of ['authentication.failed', 'authentication.succeeded', 'application.checked'])
      expect(journal).toContain(type);
    expect(journal).toContain('"padResult"');
    expect(found(journal)).toEqual([]);
  });

  test('not in the metrics', () => {
    expect(metrics).toContain('senid_');
    expect(found(metrics)).toEqual([]);
  });

  test('not on any page or in any address, error or not', () => {
    expect(replies.filter(({ status }) => status >= 400).length).toBeGreaterThan(20);
    expect(replies.some(({ status }) => status === 500)).toBe(true);
    const all = replies.flatMap(({ text, url, location, headers }) => {
      // What stood in the address stands in it again where a page leads back to it.
      const own = url.includes('picture=') ? [] : found(`${url} ${location ?? ''}`);
      return [...own, ...found(`${text} ${JSON.stringify(headers)}`)].map((name) => `${url.slice(0, 80)}: ${name}`);
    });
    expect([...new Set(all)]).toEqual([]);
  });

  test('not in what a person is given of their own data', () => {
    const { identityNumber, name } = server.persona(PERSONA);
    for (const own of [identityNumber.slice(0, 3), name]) expect(copy).toContain(own);
    expect(found(copy)).toEqual([]);
  });
});
