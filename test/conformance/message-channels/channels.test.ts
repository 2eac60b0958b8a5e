import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createSimulatedChannel,
  createSmsGateway,
  createSmtp,
  type Medium,
  type MessageChannel,
  type OutgoingMessage,
  simulatedMessages,
} from '../../../src/domain/notices/index.ts';
import { createEgress } from '../../../src/platform/egress.ts';
import { newId } from '../../../src/platform/ids.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { aListener } from '../../support/listener.ts';

/** How the other side of a channel behaves, and what has reached it. */
interface OtherSide {
  readonly channel: MessageChannel;
  /** What arrived, decoded. */
  arrived(): Promise<{ to: string; subject?: string; text: string; reference: string }[]>;
  /** Only where there is somebody to refuse or to be away. */
  readonly answers?: (how: 'well' | 'busy' | 'refused' | 'silent') => void;
  readonly away?: MessageChannel;
  stop(): Promise<void>;
}

const body = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** An HTTP gateway on a loopback port. */
async function smsSide(): Promise<OtherSide> {
  let mode = 'well';
  const arrived: { to: string; text: string; reference: string }[] = [];
  const server: Server = createServer(async (request, response) => {
    if (mode === 'silent') return;
    const message = JSON.parse(await body(request));
    if (request.headers.authorization !== 'Bearer a token') response.writeHead(401).end();
    else if (mode === 'busy') response.writeHead(503).end('later');
    else if (mode === 'refused') response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
    else {
      arrived.push(message);
      response.writeHead(202).end('{}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const to = (port: number) =>
    createSmsGateway({
      url: `http://127.0.0.1:${port}/sms`,
      token: new Secret('a token'),
      sender: 'SenID',
      egress: createEgress({ allowOrigins: [`http://127.0.0.1:${port}`], timeout: 500 }),
    });
  return {
    channel: to(port),
    arrived: async () => arrived,
    answers: (how) => {
      mode = how;
    },
    away: to(9),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Unfolds and decodes the few forms that a mail of ours takes. */
function readMail(raw: string): { subject: string; text: string; reference: string } {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const headers = head.replace(/\r\n[ \t]+/g, ' ');
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1] ?? '';
  const subject = header('Subject')
    .replace(/\?= =\?/g, '?==?')
    .replace(/=\?UTF-8\?(Q|B)\?(.*?)\?=/gi, (_, how: string, words: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(words, 'base64').toString('latin1') : quoted(words.replaceAll('_', ' ')),
    );
  const encoded = rest.join('\r\n\r\n');
  const transfer = header('Content-Transfer-Encoding').toLowerCase();
  const text =
    transfer === 'base64'
      ? Buffer.from(encoded, 'base64').toString('latin1')
      : transfer === 'quoted-printable'
        ? quoted(encoded.replace(/=\r\n/g, ''))
        : encoded;
  const utf8 = (latin: string): string => Buffer.from(latin, 'latin1').toString('utf8');
  const reference = /<(.*)@/.exec(header('Message-ID'))?.[1] ?? '';
  return { subject: utf8(subject), text: utf8(text).replaceAll('\r\n', '\n').trimEnd(), reference };
}
const quoted = (words: string): string =>
  words.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** A mail server on a loopback port. */
async function mailSide(): Promise<OtherSide> {
  let mode = 'well';
  const arrived: { to: string; subject: string; text: string; reference: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo(_address, _session, callback) {
      if (mode === 'silent') return;
      if (mode === 'well') callback();
      else callback(Object.assign(new Error(mode), { responseCode: mode === 'busy' ? 451 : 550 }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join();
        arrived.push({ to, ...readMail(Buffer.concat(chunks).toString('latin1')) });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const to = (port: number) =>
    createSmtp({ url: new Secret(`smtp://127.0.0.1:${port}`), from: 'SenID <no-reply@sen.example>', timeout: 500 });
  return {
    channel: to(port),
    arrived: async () => arrived,
    answers: (how) => {
      mode = how;
    },
    away: to(9),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function simulatedSide(): Promise<OtherSide> {
  const fresh = await freshDatabase();
  return {
    channel: createSimulatedChannel({ database: fresh.database, clock: fixedClock() }),
    arrived: async () =>
      (await simulatedMessages(fresh.database)).reverse().map(({ id, ...message }) => ({ ...message, reference: id })),
    stop: () => fresh.end(),
  };
}

const sides: [string, Medium, () => Promise<OtherSide>][] = [
  ['the SMS gateway', 'sms', smsSide],
  ['the mail server', 'mail', mailSide],
  ['the simulated channel, for SMS', 'sms', simulatedSide],
  ['the simulated channel, for mail', 'mail', simulatedSide],
];

describe.each(sides)('%s', (_, medium, start) => {
  let side: OtherSide;
  beforeAll(async () => {
    side = await start();
  });
  afterEach(() => side.answers?.('well'));
  afterAll(async () => {
    side.channel.close?.();
    await side.stop();
  });

  const message = (changes: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
    medium,
    to: medium === 'sms' ? '+84900000101' : 'lan@sen.example',
    ...(medium === 'mail' ? { subject: 'Mã đăng nhập SenID: đừng đưa cho ai' } : {}),
    text: 'Mã của bạn là 123456.\nĐừng đưa mã này cho ai.\n@sen.example #123456',
    reference: newId(),
    ...changes,
  });

  test('says which media it carries', () => {
    expect(side.channel.media).toContain(medium);
  });

  test('brings a message over word for word, diacritics included, with its reference', async () => {
    const sent = message();
    expect(await side.channel.send(sent)).toMatchObject({ delivered: true });
    const { medium: _medium, ...expected } = sent;
    expect((await side.arrived()).find(({ reference }) => reference === sent.reference)).toMatchObject(expected);
  });

  test('keeps the reference at a second attempt, so that the other side can tell', async () => {
    const sent = message();
    await side.channel.send(sent);
    await side.channel.send(sent);
    const references = (await side.arrived())
      .map(({ reference }) => reference)
      .filter((each) => each === sent.reference);
    expect(new Set(references)).toEqual(new Set([sent.reference]));
  });

  test.each<[string, Partial<OutgoingMessage>]>([
    ['a recipient with a line break', { to: 'lan@sen.example\r\nBcc: all@evil.example' }],
    ['two recipients', { to: 'lan@sen.example, eve@evil.example' }],
    ['no recipient', { to: '' }],
    ['a telephone number that is none', { medium: 'sms', to: '0900 000 101' }],
    ['a subject with a line break', { subject: 'x\r\nBcc: all@evil.example' }],
    ['no text', { text: '' }],
    ['a text with a NUL', { text: 'a\u0000b' }],
    ['a text without end', { text: 'x'.repeat(20_001) }],
    ['a reference with a line break', { reference: 'x\r\ny' }],
  ])('does not send %s, and says that no second attempt helps', async (_name, changes) => {
    const before = (await side.arrived()).length;
    expect(await side.channel.send(message(changes))).toEqual({ delivered: false, retry: false, reason: 'malformed' });
    expect(await side.arrived()).toHaveLength(before);
  });

  test('tells later from never, and does not wait for a silent other side', async () => {
    const { answers, away } = side;
    // Nobody can be busy or away where nothing is sent.
    if (!answers || !away) return expect(side.channel.name).toBe('simulated');
    answers('busy');
    expect(await side.channel.send(message())).toEqual({ delivered: false, retry: true, reason: 'busy' });
    answers('refused');
    expect(await side.channel.send(message())).toEqual({ delivered: false, retry: false, reason: 'refused' });
    answers('silent');
    const from = performance.now();
    expect(await side.channel.send(message())).toEqual({ delivered: false, retry: true, reason: 'unreachable' });
    expect(performance.now() - from).toBeLessThan(3_000);
    expect(await away.send(message())).toEqual({ delivered: false, retry: true, reason: 'unreachable' });
  });
});

describe('the SMS gateway is reached through the guard of everything that we call', () => {
  const sms = (): OutgoingMessage => ({ medium: 'sms', to: '+84900000101', text: '123456', reference: newId() });
  const answers = {
    '/well': (response) => void response.writeHead(202).end('{}'),
    '/trickles': (response) => {
      response.writeHead(200);
      const drop = setInterval(() => response.write('.'), 100);
      response.on('close', () => clearInterval(drop));
    },
    '/large': (response) => void response.writeHead(200).end(Buffer.alloc(64 * 1024 + 1)),
    '/large-in-parts': (response) => {
      response.writeHead(200);
      for (let part = 0; part < 70; part += 1) response.write(Buffer.alloc(1024));
      response.end();
    },
  } satisfies Record<string, (response: ServerResponse) => void>;
  let gateway: Awaited<ReturnType<typeof aListener>>;
  beforeAll(async () => {
    gateway = await aListener(({ path }, response) => answers[path as keyof typeof answers](response));
  });
  afterAll(() => gateway.close());
  const send = (path: keyof typeof answers, allowOrigins = [gateway.origin], host = gateway.origin) =>
    createSmsGateway({ url: `${host}${path}`, egress: createEgress({ allowOrigins }) }).send(sms());

  test('one on a private address that nobody has allowed hears nothing', async () => {
    const before = gateway.connections();
    const never = { delivered: false, retry: false, reason: 'refused' };
    expect(await send('/well', [])).toEqual(never);
    expect(await send('/well', [], `https://127.0.0.1:${gateway.port}`)).toEqual(never);
    expect(await send('/well', ['https://sms.example'], `https://10.0.0.7:${gateway.port}`)).toEqual(never);
    expect(gateway.connections()).toBe(before);
    expect(await send('/well')).toEqual({ delivered: true, receipt: 'HTTP 202' });
  });

  test('one that says 200 and then trickles is left after 2.5 seconds, and asked again later', async () => {
    const from = performance.now();
    expect(await send('/trickles')).toEqual({ delivered: false, retry: true, reason: 'unreachable' });
    const took = performance.now() - from;
    expect(took).toBeGreaterThan(2_000);
    expect(took).toBeLessThan(4_000);
  });

  test('one that says 200 and then more than 64 KiB is not listened to, and not asked again', async () => {
    const never = { delivered: false, retry: false, reason: 'refused' };
    expect(await send('/large')).toEqual(never);
    expect(await send('/large-in-parts')).toEqual(never);
  });
});
