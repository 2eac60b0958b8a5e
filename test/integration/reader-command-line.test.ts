import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SessionMode } from '../../src/domain/proofing/reader-session/frames.ts';
import { newToken } from '../../src/platform/ids.ts';
import { openCard } from '../../src/sandbox/cards/cards.ts';
import { createBrowser } from '../support/http-client.ts';
import { readers, startPcscd, whyNoPcscd } from '../support/pcscd.ts';
import { plainClient } from '../support/relying-party.ts';
import { freePort } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';
import { layOnReader } from '../support/vpcd-card.ts';

// `senid reader`, as a kiosk calls it: no settings but what it is given.

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function begin(words: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(resolve('bin/senid'), ['reader', ...words], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
  });
  // A command that fails at once does not read what is written to it.
  child.stdin.on('error', () => {});
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [status]]): Said => ({ stdout, stderr, status: status as number | null }),
  );
  return { child, said };
}

const reader = (
  words: readonly string[],
  { input = '', environment = {} }: { input?: string; environment?: Record<string, string> } = {},
) => {
  const { child, said } = begin(words, environment);
  child.stdin.end(input);
  return said;
};

const aLink = (issuer = 'http://localhost:1'): string => `${issuer}/chip/v1/session/${newToken(16)}#${newToken(32)}`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server.end());

describe('senid reader, before any card', { timeout: 60_000 }, () => {
  test.each([
    ['no link', []],
    ['what is no address', ['sesame']],
    ['plain http to another machine', [aLink('http://login.example')]],
    ['a link without its token', [aLink('https://login.example').split('#')[0]!]],
    ['a link with a question', [aLink('https://login.example').replace('#', '?next=#')]],
    ['another page', ['https://login.example/account#x']],
    ['a mode that is none', [aLink(), '--mode', 'telepathy']],
    ['a time that is none', [aLink(), '--timeout', 'soon']],
    ['an option that is none', [aLink(), '--pin', '1']],
  ])('%s: 64, one sentence, and nothing secret in it', async (_, words) => {
    const { status, stdout, stderr } = await reader(words);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).not.toMatch(/^ +at /m);
    for (const token of words.join(' ').match(/(?<=#)[\w-]{43}/g) ?? []) expect(stderr).not.toContain(token);
  });

  test('no pcscd: 69, and how to install it', async () => {
    const { status, stderr } = await reader(['--list'], {
      environment: { PCSCLITE_CSOCK_NAME: '/nowhere/pcscd.comm' },
    });
    expect(status).toBe(69);
    expect(stderr).toMatch(/^pcscd is not running\. On Debian: apt-get install pcscd.*\n$/);
  });
});

/** Stands where pcscd stands, and says what it is told to: the daemons that are not installed here. */
async function aDaemon(answer: (socket: Socket, command: number, body: Buffer) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'senid-daemon-'));
  const path = join(folder, 'pcscd.comm');
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 8 && received.length >= 8 + received.readUInt32LE(0)) {
        const length = received.readUInt32LE(0);
        answer(socket, received.readUInt32LE(4), received.subarray(8, 8 + length));
        received = received.subarray(8 + length);
      }
    });
  }).listen(path);
  await once(server, 'listening');
  return {
    environment: { PCSCLITE_CSOCK_NAME: path },
    async end() {
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const numbers = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
};
const STOPPED = 0x8010001e;

/** A daemon of protocol 4.`minor`, which takes nothing else, with these readers. */
const strict =
  (minor: number, names: readonly string[]) =>
  (socket: Socket, command: number, body: Buffer): void => {
    if (command === 0x11) socket.write(numbers(4, minor, body.readUInt32LE(4) === minor ? 0 : STOPPED));
    if (command === 0x01) socket.write(numbers(2, 7, 0));
    if (command !== 0x12) return;
    const states = Buffer.alloc(16 * 184);
    for (const [index, name] of names.entries()) states.write(name, index * 184);
    socket.write(states);
  };

describe('pcscd of other days', { timeout: 60_000 }, () => {
  const list = async (answer: Parameters<typeof aDaemon>[0]): Promise<Said> => {
    const daemon = await aDaemon(answer);
    try {
      return await reader(['--list', '--json'], { environment: daemon.environment });
    } finally {
      await daemon.end();
    }
  };

  test.each([3, 4, 5])('protocol 4.%i is spoken', async (minor) => {
    const { status, stdout } = await list(strict(minor, ['Kiosk Reader 00 00']));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ readers: [{ name: 'Kiosk Reader 00 00', card: false }] });
  });

  test.each([
    ['a protocol that is not known', strict(9, []), /another version.*\(4\.9\)/],
    ['no reader', strict(4, []), /^No reader is connected/],
    ['a user who may not', (socket: Socket) => void socket.destroy(), /does not let this user in/],
    ['half an answer', (socket: Socket) => void socket.end(Buffer.alloc(5)), /connection was closed/],
    [
      'an error of its own',
      (socket: Socket, command: number) =>
        void socket.write(command === 0x11 ? numbers(4, 4, 0) : numbers(2, 0, 0x80100001)),
      /reader reports an error\. \(0x80100001\)/,
    ],
  ])('%s: 69 and a sentence', async (_, answer, sentence) => {
    const { status, stderr } = await list(answer);
    expect(status).toBe(69);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test('answers that come octet by octet', async () => {
    const whole = strict(4, ['Kiosk Reader 00 00']);
    const inPieces = async (socket: Socket, bytes: Buffer) => {
      for (let from = 0; from < bytes.length; from += Math.max(1, Math.ceil(bytes.length / 8))) {
        socket.write(bytes.subarray(from, from + Math.max(1, Math.ceil(bytes.length / 8))));
        await pause(5);
      }
    };
    const { status } = await list((socket, command, body) => {
      const slowly = { write: (bytes: Buffer) => void inPieces(socket, bytes) } as unknown as Socket;
      whole(slowly, command, body);
    });
    expect(status).toBe(0);
  });

  test('a card that answers without end is not listened to', async () => {
    const states = Buffer.alloc(16 * 184);
    states.write('Kiosk Reader 00 00');
    states.writeUInt32LE(4, 132);
    const daemon = await aDaemon((socket, command, body) => {
      if (command === 0x12) socket.write(states);
      else if (command === 0x09) socket.write(Buffer.concat([body.subarray(0, 24), numbers(0xffffffff, 0)]));
      else socket.write(command === 0x11 ? numbers(4, 4, 0) : Buffer.from(body));
    });
    const opened = await open();
    const { status, stdout } = await reader([opened.link], { input: '123456\n', environment: daemon.environment });
    await daemon.end();
    expect(status).toBe(1);
    expect(stdout).toContain('pcscd answers what its protocol does not have.');
  });
});

/** A session as a page of the sign-in opens it. */
async function open(more: { mode?: SessionMode; access?: { kind: 'CAN'; secret: string } } = {}) {
  const session = { sid: newToken(16), sessionKey: newToken(16) };
  const { token } = await server.app.parts.readerSessions.open({
    ...{ mode: 'any', aaChallenge: randomBytes(8), need: ['SOD', 'DG1', 'DG14', 'DG15'] },
    ...session,
    ...more,
  });
  return { ...session, token, link: `${server.issuer}/chip/v1/session/${session.sid}#${token}` };
}

const missing = whyNoPcscd();
describe.skipIf(missing)(
  `through pcscd and a virtual reader${missing ? ` (skipped: ${missing})` : ''}`,
  { timeout: 90_000 },
  () => {
    let pcscd: Awaited<ReturnType<typeof startPcscd>>;
    let laid: Awaited<ReturnType<typeof layOnReader>> | undefined;
    beforeAll(async () => {
      pcscd = await startPcscd();
    });
    afterAll(async () => {
      await pcscd?.stop();
    });
    afterEach(async () => {
      await laid?.pull();
      laid = undefined;
      await expect.poll(async () => (await readers()).some(({ present }) => present), { timeout: 10_000 }).toBe(false);
    });

    const lay = async (card: string, options: { pullAfter?: number } = {}) => {
      const opened = openCard(`level-2-chip.${card}`, { random: randomBytes })!;
      laid = await layOnReader(opened, { port: pcscd.port, ...options });
      return opened;
    };
    const outcome = ({ sid, sessionKey }: Awaited<ReturnType<typeof open>>) =>
      server.app.parts.readerSessions.outcome(sid, sessionKey);

    test('--list: the readers, and where a card lies', async () => {
      const listed = async () => (await reader(['--list'])).stdout;
      expect(await listed()).toMatch(/^Virtual PCD 00 00 +no card$/m);
      await lay('genuine');
      await expect.poll(listed, { timeout: 15_000 }).toMatch(/^Virtual PCD 00 00 +a card lies on it$/m);
    });

    test('a genuine card, its number from the input: accepted, step by step, and nothing secret is printed', async () => {
      const session = await open();
      const { child, said } = begin([session.link]);
      const card = await lay('genuine');
      child.stdin.end(`${card.can}\n`);
      const { status, stdout, stderr } = await said;
      expect({ status, stdout }).toEqual({
        status: 0,
        stdout: '✓ Read and sent. The sign-in page says whether the card is accepted.\n',
      });
      const steps = stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/^… /, ''));
      expect(steps).toEqual([
        'waiting for a card',
        'connected with the server',
        'opening the chip',
        ...['SOD', 'DG1', 'DG14', 'DG15'].map((file) => `reading ${file}`),
        'letting the chip prove itself',
      ]);
      for (const secret of [card.can, session.token]) expect(stdout + stderr).not.toContain(secret);
      expect(await outcome(session)).toEqual({ ready: true });
    });

    test('the link from the input too, opened by the machine readable zone: --json is one value, and alone', async () => {
      const session = await open();
      const card = await lay('genuine');
      const folder = mkdtempSync(join(tmpdir(), 'senid-mrz-'));
      const file = join(folder, 'mrz.txt');
      writeFileSync(file, `${card.mrz.match(/.{30}/g)!.join('\n')}\n`);
      const { status, stdout, stderr } = await reader(['-', '--mrz-file', file, '--json'], {
        input: `${session.link}\n`,
      });
      rmSync(folder, { recursive: true });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({ status: 'accepted', reader: 'Virtual PCD 00 00' });
      expect((await server.app.parts.readerSessions.take(session.sid, session.sessionKey))?.access).toBe('PACE-MRZ');
    });

    test('in relay mode the kiosk asks for no number: the server opens the card', async () => {
      const card = await lay('genuine');
      const session = await open({ mode: 'relay', access: { kind: 'CAN', secret: card.can } });
      const { status } = await reader([session.link, '--mode', 'relay', '--reader', 'virtual pcd 00 00']);
      expect(status).toBe(0);
      expect(await outcome(session)).toEqual({ ready: true });
    });

    test('a whole sign-in: the genuine card reaches the relying party, a copy is read and then refused on the page', async () => {
      const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
      const { totpSecret: _, ...claimant } = server.claimant('level-2-chip');
      const signInWith = async (name: string) => {
        const acr = `${server.issuer}/assurance/test/level-2`;
        const started = await rp.begin({ scope: 'openid assurance', acr_values: acr });
        const page = await signIn(await createBrowser().open(started.url), claimant);
        const [link = ''] = /http:\/\/localhost:\d+\/chip\/v1\/session\/[\w-]{22}#[\w-]{43}/.exec(page.text) ?? [];
        const card = await lay(name);
        const { status } = await reader([link], { input: `${card.can}\n` });
        await laid?.pull();
        return { status, page: await page.submit({}, { form: 'card-form', button: 'continue' }) };
      };
      const copy = await signInWith('cloned');
      expect(copy.status).toBe(0);
      expect(copy.page.text).toContain('notice warning');
      const genuine = await signInWith('genuine');
      expect(genuine.status).toBe(0);
      const done = await signIn(genuine.page, claimant);
      expect(new URL(done.location ?? '').searchParams.get('code')).toBeTruthy();
    });

    test('another card access number: refused, and where the right one stands', async () => {
      const session = await open();
      const card = await lay('genuine');
      const other = card.can === '000000' ? '000001' : '000000';
      const { status, stdout } = await reader([session.link, '--json'], { input: `${other}\n` });
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        status: 'refused',
        code: 'access',
        advice: expect.stringContaining('six digits'),
      });
    });

    test('a card that is pulled away while it is read', async () => {
      const session = await open();
      const card = await lay('genuine', { pullAfter: 12 });
      const { status, stdout } = await reader([session.link], { input: `${card.can}\n` });
      expect(status).toBe(1);
      expect(stdout).toMatch(/^✗ Refused \(reader\): The card was taken away\./);
      expect(await outcome(session)).toEqual({ refused: 'reader.lost' });
    });

    test('a session that was used: refused before the chip is opened', async () => {
      const session = await open();
      const card = await lay('genuine');
      expect((await reader([session.link], { input: `${card.can}\n` })).status).toBe(0);
      const before = laid!.commands();
      const { status, stdout } = await reader([session.link], { input: `${card.can}\n` });
      expect({ status, stdout }).toMatchObject({ status: 1, stdout: expect.stringContaining('(reader)') });
      expect(laid!.commands()).toBe(before);
    });

    test('no server: 69, for nobody has refused anything', async () => {
      const card = await lay('genuine');
      const { status, stdout } = await reader([aLink(`http://localhost:${await freePort()}`)], {
        input: `${card.can}\n`,
      });
      expect(status).toBe(69);
      expect(stdout).toContain('The server does not answer');
    });

    test('no card in time, or somebody gives up: the command ends', async () => {
      const late = await reader([aLink(), '--timeout', '1'], { input: '123456\n' });
      expect({ status: late.status, stdout: late.stdout }).toEqual({
        status: 1,
        stdout: '✗ Refused (reader): Nothing came within 1 s.\n',
      });
      const { child, said } = begin([aLink()]);
      child.stdin.end('123456\n');
      await new Promise<void>((waiting) =>
        child.stderr.on('data', (said) => String(said).includes('waiting') && waiting()),
      );
      child.kill('SIGINT');
      expect(await said).toMatchObject({ status: 1, stdout: '✗ Refused (reader): Cancelled.\n' });
    });

    test.each([
      ['a number of five digits', [], '12345\n', 64],
      ['no number at all', [], '', 64],
      ['two ways to open it', ['--can', '123456', '--mrz-file', 'x'], '', 64],
      ['a zone that is not there', ['--mrz-file', '/nowhere/mrz.txt'], '', 2],
      ['a reader that is not there', ['--reader', 'Acme'], '', 69],
      ['a name that two readers have', ['--reader', 'Virtual'], '', 64],
    ])('%s: one sentence', async (_, words, input, status) => {
      const said = await reader([aLink(), ...words], { input });
      expect(said).toMatchObject({ status, stdout: '' });
      expect(said.stderr).toMatch(/^[^\n]+\n$/);
      expect(said.stderr).not.toContain('12345.');
    });
  },
);
