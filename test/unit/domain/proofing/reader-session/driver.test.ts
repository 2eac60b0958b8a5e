import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILE_LIMITS } from '../../../../../src/domain/proofing/chip-evidence.ts';
import { createDriver } from '../../../../../src/domain/proofing/reader-session/driver.ts';
import { CLIENT_EXAMPLES } from '../../../../../src/domain/proofing/reader-session/examples.ts';
import { SERVER_FRAMES } from '../../../../../src/domain/proofing/reader-session/frames.ts';
import { LIMITS } from '../../../../../src/domain/proofing/reader-session/limits.ts';
import type { ClaimedSession, Settlement } from '../../../../../src/domain/proofing/reader-session/sessions.ts';
import { fixedClock } from '../../../../support/clock.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);

const token = CLIENT_EXAMPLES.hello.token;
const challenge = Buffer.from('88ab55de64f47d77', 'hex');
const b64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
const file = (ef: string, hex: string) => ({ t: 'file', ef, data: b64(hex) });
const SOD = file('SOD', '770130');
const DG1 = file('DG1', '61021f00');
const hello = { t: 'hello', token };
const chip = { t: 'chip', access: 'PACE-CAN' };
const aa = { t: 'aa', response: b64('00112233') };

/** A reader's connection, scripted; the one store behind it takes one claim and one settlement. */
function connection(more: Partial<ClaimedSession> & { inTime?: boolean } = {}) {
  const clock = fixedClock();
  const said: { t: string; seq: number; [name: string]: unknown }[] = [];
  const settled: Settlement[] = [];
  let claims = 0;
  const { inTime = true, ...session } = more;
  const driver = createDriver({
    claim: async (given) => {
      claims += 1;
      if (given !== token || claims > 1) return undefined;
      return {
        ...{ sid: 'b0xj2mZ1cQh3vK9wYx4T5A', mode: 'aa', aaChallenge: challenge, need: ['SOD', 'DG1', 'DG15'] },
        ...{ expiresAt: new Date(clock.now().getTime() + 120_000) },
        ...session,
      };
    },
    settle: async (settlement) => {
      settled.push(settlement);
      return inTime;
    },
    send: (text) => said.push(JSON.parse(text)),
    now: clock.now,
    random: randomBytes,
  });
  let seq = 0;
  const send = (frame: object): void => {
    seq += 1;
    driver.receive(JSON.stringify({ v: 1, seq, ...frame }));
  };
  const run = async (...frames: object[]) => {
    for (const frame of frames) send(frame);
    return driver.ended;
  };
  return { driver, clock, said, settled, send, run, done: () => said.filter(({ t }) => t === 'done') };
}

const later = () => new Promise((resolve) => setImmediate(resolve));

describe('a reader in mode aa', () => {
  test('is asked for a signature over our challenge, and leaves files and answer behind', async () => {
    const { run, said, settled } = connection();
    expect(await run(hello, chip, SOD, DG1, aa, { t: 'end' })).toEqual({ mode: 'aa', outcome: 'accepted', frames: 6 });
    expect(said).toEqual([
      {
        ...{
          v: 1,
          t: 'begin',
          seq: 1,
          sid: 'b0xj2mZ1cQh3vK9wYx4T5A',
          mode: 'aa',
          expiresAt: '2026-03-02T08:02:00.000Z',
        },
        ...{ aaChallenge: challenge.toString('base64url'), need: ['SOD', 'DG1', 'DG15'], maxFile: 65_536 },
        access: ['PACE-CAN', 'PACE-MRZ', 'BAC', 'none'],
      },
      { v: 1, t: 'done', seq: 2, status: 'accepted' },
    ]);
    expect(settled).toEqual([
      {
        evidence: {
          ...{ session: 'b0xj2mZ1cQh3vK9wYx4T5A', access: 'PACE-CAN', active: { response: b64('00112233') } },
          files: { SOD: SOD.data, DG1: DG1.data },
        },
      },
    ]);
  });

  test('hears frames that its server described', async () => {
    const { run, said } = connection();
    await run(hello, chip, SOD, DG1, aa, { t: 'end' });
    for (const frame of said) {
      expect(SERVER_FRAMES[frame.t as keyof typeof SERVER_FRAMES].safeParse(frame).error).toBeUndefined();
    }
  });

  test('that ends after the time of the session is refused, though it was good', async () => {
    const { run, done } = connection({ inTime: false });
    expect(await run(hello, chip, SOD, DG1, { t: 'end' })).toMatchObject({ outcome: 'refused', code: 'reader.late' });
    expect(done()).toEqual([{ v: 1, t: 'done', seq: 2, status: 'refused', code: 'reader' }]);
  });
});

describe('what is refused', () => {
  test.each<[string, string, ReturnType<typeof connection> | undefined, object[]]>([
    ['a wrong token', 'reader.session', undefined, [{ t: 'hello', token: 'A'.repeat(43) }]],
    ['a frame before hello', 'reader.protocol', undefined, [chip]],
    ['a second hello', 'reader.protocol', undefined, [hello, hello]],
    ['a file before the chip', 'reader.protocol', undefined, [hello, SOD]],
    ['a second chip', 'reader.protocol', undefined, [hello, chip, chip]],
    ['a file twice', 'reader.protocol', undefined, [hello, chip, SOD, SOD]],
    ['a file that nobody asked for', 'reader.protocol', undefined, [hello, chip, file('DG2', '7500')]],
    ['an end without what everything stands on', 'input.missing', undefined, [hello, chip, SOD, { t: 'end' }]],
    ['two answers of active authentication', 'reader.protocol', undefined, [hello, chip, aa, aa]],
    ['a challenge that comes back', 'reader.protocol', undefined, [hello, chip, { ...aa, challenge: b64('00') }]],
    ['an unknown type', 'reader.protocol', undefined, [hello, { t: 'verdict', ok: true }]],
    ['another version', 'reader.protocol', undefined, [{ ...hello, v: 2 }]],
    ['a number that does not rise', 'reader.protocol', undefined, [hello, { ...chip, seq: 1 }]],
    [
      'an answer to no command',
      'reader.protocol',
      undefined,
      [hello, chip, { t: 'rapdu', re: 1, rsps: [b64('9000')] }],
    ],
    ['a handover in mode aa', 'reader.protocol', undefined, [hello, chip, SOD, DG1, { t: 'handover' }]],
    ['a file that is none', 'dg.malformed', undefined, [hello, chip, file('DG1', '7500')]],
    [
      'a file above its size',
      'input.too_large',
      undefined,
      [hello, chip, file('DG1', `61${'00'.repeat(FILE_LIMITS.DG1)}`)],
    ],
    ['a reader that cannot do what the session wants', 'reader.protocol', undefined, [{ ...hello, mode: 'relay' }]],
    [
      'a mode that needs the secret, without one',
      'reader.protocol',
      connection({ mode: 'any' }),
      [{ ...hello, mode: 'relay' }],
    ],
    [
      'an end in mode handover',
      'reader.protocol',
      connection({ mode: 'handover' }),
      [hello, chip, SOD, DG1, { t: 'end' }],
    ],
    [
      'a channel after none was opened',
      'reader.protocol',
      connection({ mode: 'handover' }),
      [hello, { ...chip, access: 'none' }, SOD, DG1, { t: 'handover', sm: CLIENT_EXAMPLES.handover.sm }],
    ],
    ['a chip that did not open', 'access.failed', undefined, [hello, { t: 'fail', reason: 'access' }]],
    ['a person who gave up', 'reader.cancelled', undefined, [hello, chip, SOD, { t: 'fail', reason: 'cancelled' }]],
  ])('%s: %s', async (_, code, given, frames) => {
    const { run, done, settled, send } = given ?? connection();
    expect(await run(...frames)).toMatchObject({ outcome: 'refused', code });
    // The reader learns what stands before the dot, once, and nothing moves it any more.
    send(chip);
    await later();
    expect(done()).toEqual([expect.objectContaining({ status: 'refused', code: code.split('.')[0] })]);
    const claimed = code !== 'reader.session' && frames[0] !== chip && !('v' in frames[0]!);
    expect(settled).toEqual(claimed ? [{ refused: code }] : []);
  });

  test.each<[string, string, string]>([
    ['text that is no JSON', 'reader.protocol', '{"v":1,'],
    ['JSON that is no frame', 'reader.protocol', '[null]'],
    [
      'more than a hello before the token was good',
      'input.too_large',
      JSON.stringify({ ...hello, pad: 'x'.repeat(LIMITS.stranger) }),
    ],
    ['a frame above the limit, before it is parsed', 'input.too_large', 'x'.repeat(LIMITS.frame + 1)],
  ])('%s: %s', async (_, code, text) => {
    const { driver } = connection();
    driver.receive(text);
    expect(await driver.ended).toMatchObject({ outcome: 'refused', code });
  });

  test('more in all than a session may send, though each frame may be: input.too_large', async () => {
    const { driver, send } = connection({ need: ['SOD', 'DG1', 'DG2'] });
    send(hello);
    send(chip);
    await later();
    const blank = ' '.repeat(LIMITS.frame - 100);
    const padded = (frame: object, seq: number) => JSON.stringify({ v: 1, ...frame, seq }).replace('{', `{${blank}`);
    for (const [at, frame] of [SOD, DG1, file('DG2', '7500'), aa].entries()) driver.receive(padded(frame, at + 3));
    await later();
    driver.receive(padded({ t: 'end' }, 7));
    expect(await driver.ended).toMatchObject({ outcome: 'refused', code: 'input.too_large', frames: 7 });
  });
});

describe('commands that the server sends', () => {
  const access = { kind: 'CAN', secret: '123456' } as const;
  const kiosk = async () => {
    const one = connection({ mode: 'relay', access });
    one.send(hello);
    one.send({ ...chip, access: 'none' });
    await later();
    return one;
  };
  const notFound = b64('6a82');

  test('are answered by the number of their frame, and never with the password in them', async () => {
    const { said, send, driver } = await kiosk();
    expect(said[1]).toMatchObject({ t: 'apdu', seq: 2, stopOn: 'sw!=9000' });
    send({ t: 'rapdu', re: 2, rsps: [notFound] });
    await later();
    expect(said[2]).toMatchObject({ t: 'apdu', seq: 3 });
    expect(JSON.stringify(said)).not.toContain(access.secret);
    driver.break('reader.lost');
    await driver.ended;
  });

  test.each<[string, object]>([
    ['an answer to another frame', { t: 'rapdu', re: 1, rsps: [notFound] }],
    ['more answers than commands', { t: 'rapdu', re: 2, rsps: [notFound, notFound] }],
    ['a file instead of an answer', SOD],
  ])('are not answered by %s: reader.protocol', async (_, frame) => {
    const { send, driver } = await kiosk();
    send(frame);
    expect(await driver.ended).toMatchObject({ mode: 'relay', code: 'reader.protocol' });
  });

  test('are not answered twice', async () => {
    const { send, driver } = await kiosk();
    send({ t: 'rapdu', re: 2, rsps: [notFound] });
    send({ t: 'rapdu', re: 2, rsps: [notFound] });
    expect(await driver.ended).toMatchObject({ code: 'reader.protocol' });
  });

  test('have twenty seconds', async () => {
    const { driver, clock, settled } = await kiosk();
    clock.advance(19);
    driver.tick();
    await later();
    expect(settled).toEqual([]);
    clock.advance(1);
    driver.tick();
    expect(await driver.ended).toMatchObject({ code: 'reader.late' });
  });
});

describe('time', () => {
  test('a connection that never says hello ends after ten seconds', async () => {
    const { driver, clock } = connection();
    clock.advance(9);
    driver.tick();
    clock.advance(1);
    driver.tick();
    expect(await driver.ended).toMatchObject({ mode: 'none', code: 'reader.late', frames: 0 });
  });

  test('a step that takes too long ends the session', async () => {
    const { driver, clock, send, settled } = connection();
    send(hello);
    send(chip);
    await later();
    clock.advance(44);
    driver.tick();
    send(SOD);
    await later();
    clock.advance(44);
    driver.tick();
    expect(settled).toEqual([]);
    clock.advance(1);
    driver.tick();
    expect(await driver.ended).toMatchObject({ code: 'reader.late' });
    expect(settled).toEqual([{ refused: 'reader.late' }]);
  });

  test('the session ends by the clock of the server, however busy the reader is', async () => {
    const { driver, clock, send } = connection({ need: ['SOD', 'DG1', 'DG13', 'DG14', 'DG15'] });
    send(hello);
    send(chip);
    for (const frame of [SOD, DG1, file('DG14', '6e00')]) {
      await later();
      clock.advance(40);
      driver.tick();
      send(frame);
    }
    expect(await driver.ended).toMatchObject({ code: 'reader.late' });
  });

  test('a connection that breaks ends the session, and whoever polls learns it', async () => {
    const { driver, send, settled } = connection();
    send(hello);
    send(chip);
    await later();
    expect(driver.reading).toBe(true);
    driver.break('reader.lost');
    expect(await driver.ended).toMatchObject({ code: 'reader.lost' });
    expect(settled).toEqual([{ refused: 'reader.lost' }]);
  });
});

test('no order of frames and no garbage gets anything but an end: at most one settlement, one done', {
  timeout: RUNS * 60,
}, async () => {
  const examples = Object.values(CLIENT_EXAMPLES);
  const anyFrame = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...examples, chip, SOD, DG1, aa, hello) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...examples), fc.string(), fc.jsonValue())
        .map(([frame, name, value]) => ({ ...frame, [name]: value })),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.string() },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('aa', 'handover', 'any', 'relay' as const),
      fc.array(anyFrame, { maxLength: 12 }),
      fc.boolean(),
      async (mode, frames, begun) => {
        const access = { kind: 'CAN', secret: '123456' } as const;
        const { driver, done, settled, clock } = connection({ mode, access, need: ['SOD', 'DG1', 'DG14', 'DG15'] });
        const all = begun ? [hello, chip, SOD, DG1, ...frames] : frames;
        all.forEach((frame, at) => {
          const numbered = typeof frame === 'object' && frame !== null ? { v: 1, ...frame, seq: at + 1 } : frame;
          driver.receive(typeof numbered === 'string' ? numbered : JSON.stringify(numbered));
        });
        await later();
        clock.advance(121);
        driver.tick();
        const { outcome } = await driver.ended;
        expect(['accepted', 'refused']).toContain(outcome);
        expect(done()).toHaveLength(1);
        expect(settled.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: RUNS },
  );
});
