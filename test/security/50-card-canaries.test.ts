import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../src/config/load.ts';
import { sql } from '../../src/platform/sql.ts';
import { readCard } from '../../src/reader/read-card.ts';
import { parseDg13, parseMrz } from '../../src/standards/icao9303/lds/index.ts';
import { createBrowser, createSend, type Page, type Reply } from '../support/http-client.ts';
import { createCounter } from '../support/in-person.ts';
import { pictureOf } from '../support/pictures.ts';
import { plainClient } from '../support/relying-party.ts';
import { listenTo } from '../support/said.ts';
import { freePort } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';
import { issuedCard, openCard, virtualCard } from '../support/virtual-card.ts';
import { wayTo } from '../support/way-to.ts';

// Abuse case 50, what is left behind: a card is read and its owner signs in, other cards are refused and one is torn away, at a
// process whose log is heard. Nothing that stands on the card, in its chip or in what went to and fro may be found anywhere.
const LAN_ANH = 'level-2-chip';
const NAME = 'Nguyễn Thị Lan Anh';

describe('case 50: what nobody may find of a card in logs, metrics, journal, tables or pages', () => {
  let server: TestServer;
  let way: Server;
  let said: ReturnType<typeof listenTo>;
  let metrics = '';
  const pages: Reply[] = [];
  /** By name: what must not be found. */
  const canaries = new Map<string, string>();
  const bytes = new Map<string, Buffer>();

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
          pages.push(reply);
          return reply;
        },
      });
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'), { via });

    for (const id of [`${LAN_ANH}.genuine`, 'level-2-chip-face.genuine', `${LAN_ANH}.changed-dg1`]) {
      const { files, mrz, mrzInformation } = issuedCard(id)!;
      canaries.set(`${id} MRZ`, mrz);
      for (const [line, text] of [mrz.slice(0, 30), mrz.slice(30, 60), mrz.slice(60)].entries())
        canaries.set(`${id} MRZ line ${line + 1}`, text);
      canaries.set(`${id} MRZ information`, mrzInformation);
      canaries.set(`${id} document number`, parseMrz(mrz, new Date()).documentNumber);
      const data = parseDg13(files.DG13!);
      for (const name of ['personalNumber', 'residence', 'identifyingMarks'] as const)
        canaries.set(`${id} ${name}`, data[name] ?? '');
      for (const [name, file] of Object.entries(files)) bytes.set(`${id} ${name}`, file);
    }

    /** As far as the page that waits for a card. */
    const toTheCard = async (): Promise<Page> => {
      const acr = `${server.issuer}/assurance/test/level-2`;
      const { url } = await rp.begin({ scope: 'openid profile assurance', acr_values: acr });
      const { totpSecret: _, ...claimant } = server.claimant(LAN_ANH);
      return signIn(await browser().open(url), claimant);
    };
    const hold = async (page: Page, card: ReturnType<typeof virtualCard>, name: string, tearAfter = 1_000) => {
      const { values } = page.form('card-form');
      const [sid = '', token = ''] = [values.get('session'), values.get('token')];
      canaries.set(`${name} token`, token);
      let count = 0;
      const end = await readCard({
        url: `ws://127.0.0.1:${(way.address() as AddressInfo).port}/chip/v1/session/${sid}`,
        token,
        password: { kind: 'CAN', secret: card.can },
        transmit: async (command) => {
          count += 1;
          if (count > tearAfter) throw new Error(`the card is gone: ${command.toString('hex')}`);
          const answer = await card.transmit(command);
          if (command.length > 12) bytes.set(`${name} command ${count}`, command);
          if (answer.length > 12) bytes.set(`${name} answer ${count}`, answer);
          return answer;
        },
      });
      return { end, after: await page.submit({}, { form: 'card-form', button: 'continue' }) };
    };

    const good = await hold(await toTheCard(), virtualCard(), 'genuine');
    expect(good.end).toEqual({ status: 'accepted' });
    const done = await signIn(good.after, server.claimant(LAN_ANH));
    expect(new URL(done.location ?? '').searchParams.get('code')).toBeTruthy();
    const changed = await hold(await toTheCard(), virtualCard({ fault: 'changed-dg1' }), 'changed');
    expect(changed.after.text).toContain('notice warning');
    const strange = { ...openCard('level-2-chip-face.genuine', { random: (n) => Buffer.alloc(n, 7) })!, id: 'face' };
    expect((await hold(await toTheCard(), strange, 'strange')).after.text).toContain('notice warning');
    expect((await hold(await toTheCard(), virtualCard(), 'torn', 12)).end.status).toBe('refused');
    // And a clinic checks her at its counter, by card and face; and a card that is no good.
    const counter = await createCounter(server.issuer, server.client('sample-clinic'), {
      via,
      at: (url) => url.replace(/^ws:\/\/[^/]+/, `ws://127.0.0.1:${(way.address() as AddressInfo).port}`),
    });
    const picture = await pictureOf(server.claimant(LAN_ANH).identifier);
    bytes.set('picture', picture);
    const checked = await counter.check(`${LAN_ANH}.genuine`, picture, { claims: ['name', 'birthdate', 'gender'] });
    expect(checked.verified_claims?.claims.name).toBe(NAME);
    canaries.set('name', NAME);
    const refused = await counter.check(`${LAN_ANH}.changed-dg2`, await pictureOf(server.claimant(LAN_ANH).identifier));
    expect(refused.reasons).toEqual(['card_not_genuine']);
    const [open] = [await counter.open({ claims: ['name'] })];
    await counter.lay(`${LAN_ANH}.genuine`, open.reader);
    metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
    // The log is written at the latest after a fraction of a second.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  });
  afterAll(async () => {
    way.close();
    await server.end();
  });

  const MIDDLE = 24;
  /** Pieces of what went to and fro, in the spellings that a careless line would have: of files from several places. */
  function spellings(): [string, string][] {
    const texts = [...canaries].flatMap(([name, value]): [string, string][] => [
      [name, value],
      [`${name}, percent-encoded`, encodeURIComponent(value)],
      [`${name}, base64`, Buffer.from(value).toString('base64url').slice(0, -2)],
      [`${name}, hexadecimal`, Buffer.from(value).toString('hex')],
    ]);
    const octets = [...bytes].flatMap(([name, value]): [string, string][] =>
      [0, Math.floor(value.length / 6) * 3, Math.max(0, Math.floor((value.length - MIDDLE) / 3) * 3)].flatMap((at) => {
        const piece = value.subarray(at, at + MIDDLE);
        return piece.length < 8
          ? []
          : ([
              [`${name} hexadecimal`, piece.toString('hex')],
              [`${name} HEXADECIMAL`, piece.toString('hex').toUpperCase()],
              [`${name} base64url`, piece.toString('base64url').slice(0, -2)],
              [`${name} base64`, piece.toString('base64').replace(/=+$/, '').slice(0, -2)],
              [`${name} JSON of bytes`, [...piece].join(',')],
            ] as [string, string][]);
      }),
    );
    return [...texts, ...octets].filter(([, spelt]) => spelt.length >= 8);
  }
  const found = (text: string): string[] =>
    spellings().flatMap(([name, spelt]) => (text.includes(spelt) ? [name] : []));

  test('the search finds what it looks for', () => {
    const dg1 = bytes.get(`${LAN_ANH}.genuine DG1`)!;
    expect(found(`{"msg":"x","apdu":"${dg1.toString('hex')}"}`)).not.toEqual([]);
    expect(found(`{"msg":"x","file":"${dg1.toString('base64url')}"}`)).not.toEqual([]);
    expect(found(`no ${issuedCard(`${LAN_ANH}.genuine`)!.mrz.slice(30, 60)} here`)).not.toEqual([]);
    expect([...bytes.keys()].filter((name) => /^genuine (command|answer)/.test(name)).length).toBeGreaterThan(40);
  });

  test('not in the log, though it told of every session and every request', () => {
    const sessions = said.lines.filter((line) => line.includes('"msg":"reader session"'));
    expect(sessions.length).toBe(7);
    expect(sessions.some((line) => line.includes('accepted'))).toBe(true);
    for (const line of said.lines) expect([line.slice(0, 80), found(line)]).toEqual([line.slice(0, 80), []]);
  });

  test('and there is no level at which it would say more', () => {
    for (const level of ['debug', 'trace']) {
      const read = readSettings({ ...server.environment, LOG_LEVEL: level });
      expect('faults' in read && read.faults.join()).toContain('LOG_LEVEL');
    }
  });

  test('not in the metrics', () => {
    expect(metrics).toContain('senid_reader_sessions_total');
    expect(found(metrics)).toEqual([]);
  });

  test('not on any page or in any address that the browser saw', () => {
    expect(pages.length).toBeGreaterThan(15);
    // The page that waits for a card holds the token of its own reading, for the reader that stands before it; pages of a
    // sign-in repeat the number that the person typed to begin it, and call them by name.
    const typed = server.claimant(LAN_ANH).identifier;
    const others = pages
      .flatMap(({ text }) => found(text.replaceAll(typed, '')))
      .filter((name) => !/ token\b|^name\b/.test(name));
    expect([...new Set(others)]).toEqual([]);
    const addresses = pages.flatMap(({ url, location }) => found(`${url} ${location ?? ''}`));
    expect(addresses).toEqual([]);
  });

  test('in the journal stand the codes, and in no table anything of the card but what an account is bound to', async () => {
    const tables = await server.database.rows<{ name: string }>(
      sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    );
    const report: Record<string, string[]> = {};
    let journal = '';
    for (const { name } of tables) {
      const rows = await server.database.rows<{ text: string }>(sql`SELECT t::text AS text FROM ${sql.raw(name)} AS t`);
      const text = rows.map((row) => row.text).join('\n');
      if (name.startsWith('journal')) journal += text;
      // The signer's certificate, inside the security object, shares names with the authority's own.
      const here = found(text).filter((one) => !(name.startsWith('trust_') && / SOD /.test(one)));
      if (here.length > 0) report[name] = here;
    }
    for (const code of ['dg.hash', 'document.another']) expect(journal).toContain(code);
    expect(report).toEqual({});
  });
});
