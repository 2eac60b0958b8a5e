import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FACE_OUTCOMES, PAD_RESULTS } from '../../../src/domain/biometrics/face-matcher.ts';
import {
  createHttpFaceMatcher,
  createSimulatedFaceMatcher,
  FACE_ISSUES,
  type FaceMatcher,
  PAD_LEVELS,
  passes,
} from '../../../src/domain/biometrics/index.ts';
import type { Mood } from '../../../src/platform/partner/mood.ts';
import { drawPerson, MARKS, type Mark } from '../../../src/sandbox/cards/portraits/drawing.ts';
import { portrait } from '../../../src/sandbox/cards/portraits/portrait.ts';
import { look } from '../../../src/sandbox/index.ts';
import { giveToken, moody, startPartner } from '../../support/partner.ts';
import { serveEngine } from '../../support/register-server.ts';

/** One implementation, and how to make its other side misbehave. */
interface Side {
  readonly matcher: FaceMatcher;
  behave(how: Mood): void;
  stop(): Promise<void>;
}

async function httpSide(): Promise<Side> {
  const behind = createSimulatedFaceMatcher({ look });
  let mood: Mood = 'well';
  const partner = await startPartner({
    token: giveToken,
    answer: async (_path, question, response) => {
      if (mood === 'too_slow') return;
      if (moody(mood, response)) return;
      await serveEngine(behind, question, response).catch(() => moody('busy', response));
    },
  });
  return {
    matcher: createHttpFaceMatcher({ ...partner.parts({ timeout: 1_500 }), pad: 'active-challenge' }),
    behave: (how) => {
      mood = how;
    },
    stop: () => partner.stop(),
  };
}

async function simulatedSide(): Promise<Side> {
  const matcher = createSimulatedFaceMatcher({ look, timeout: 500 });
  return { matcher, behave: matcher.behave, stop: async () => {} };
}

const her = '097190000041';
const him = '097190000042';

describe.each([
  ['over HTTPS', httpSide],
  ['simulated', simulatedSide],
])('the face matcher, %s', (_, start) => {
  let side: Side;
  beforeAll(async () => {
    side = await start();
  });
  afterEach(() => side.behave('well'));
  afterAll(() => side.stop());

  const compare = async (mark: Mark, of = her) =>
    side.matcher.compare({ probe: await drawPerson(of, mark), reference: await drawPerson(her) });

  test('says how well it tells a person from a picture at its best', () => {
    expect(PAD_LEVELS).toContain(side.matcher.pad);
  });

  test('one person is a match, another is none, each with a score beside a threshold and a transaction of its own', async () => {
    const [same, other] = [await compare('plain'), await compare('plain', him)];
    expect(same).toMatchObject({ outcome: 'match', pad: { result: 'pass' }, issues: [] });
    expect(same.score).toBeGreaterThan(same.threshold!);
    expect(other).toMatchObject({ outcome: 'no_match', issues: [] });
    expect(other.score).toBeLessThan(other.threshold!);
    expect(same.transactionId).not.toBe(other.transactionId);
    expect([same.engine.name, same.engine.version]).not.toContain('');
  });

  test.each([
    ['screen', { outcome: 'match', pad: { result: 'fail' } }],
    ['unchecked', { outcome: 'match', pad: { result: 'not_performed' } }],
    ['undecided', { outcome: 'inconclusive', issues: [] }],
    ['several', { outcome: 'inconclusive', issues: ['several_faces'] }],
    ['small', { outcome: 'inconclusive', issues: ['too_small'] }],
    ['turned', { outcome: 'inconclusive', issues: ['turned'] }],
    ['blurred', { outcome: 'inconclusive', issues: ['blurred'] }],
    ['dark', { outcome: 'inconclusive', issues: ['too_dark'] }],
    ['bright', { outcome: 'inconclusive', issues: ['too_bright'] }],
  ] as const)('a picture marked %s', async (mark, expected) => {
    const result = await compare(mark);
    expect(result).toMatchObject(expected);
    expect(passes(result, 'active-challenge')).toBe(false);
  });

  test('what is no picture, or a picture of no face, is an answer on either side', async () => {
    const drawn = await drawPerson(her);
    const cat = portrait('cat').bytes;
    const nothing = Buffer.from('no picture');
    const half = drawn.subarray(0, drawn.length / 2);
    const { matcher } = side;
    const issuesOf = async (probe: Buffer, reference: Buffer) => {
      const { outcome, issues } = await matcher.compare({ probe, reference });
      return [outcome, ...issues];
    };
    expect(await issuesOf(nothing, drawn)).toEqual(['inconclusive', 'unreadable']);
    expect(await issuesOf(half, drawn)).toEqual(['inconclusive', 'unreadable']);
    expect(await issuesOf(drawn, nothing)).toEqual(['inconclusive', 'reference_unreadable']);
    const wall = await noFace();
    expect(await issuesOf(wall, drawn)).toEqual(['inconclusive', 'no_face']);
    expect(await issuesOf(drawn, wall)).toEqual(['inconclusive', 'reference_no_face']);
    expect(await issuesOf(cat, drawn)).toEqual(['no_match']);
    expect(await issuesOf(cat, cat)).toEqual(['match']);
    expect(await issuesOf(cat, portrait('lotus').bytes)).toEqual(['no_match']);
  });

  test.each(['unreachable', 'too_slow', 'busy', 'refused', 'garbage'] as const)(
    '%s: there is one error, soon',
    async (how) => {
      side.behave(how);
      const from = performance.now();
      await expect(compare('plain')).rejects.toMatchObject({
        ...{ code: 'face_matcher.unavailable', status: 503, facts: { reason: how } },
      });
      expect(performance.now() - from).toBeLessThan(4_000);
      side.behave('well');
      expect(await compare('plain')).toMatchObject({ outcome: 'match' });
    },
  );

  test('an engine that is silent about one picture is not silent about the next', async () => {
    await expect(compare('silent')).rejects.toMatchObject({ facts: { reason: 'busy' } });
    expect(await compare('plain')).toMatchObject({ outcome: 'match' });
  });
});

test('every outcome, every result of the detection and every issue can be met in a sandbox', async () => {
  const matcher = createSimulatedFaceMatcher({ look });
  const reference = await drawPerson(her);
  const probes = [
    ...(await Promise.all(MARKS.filter((mark) => mark !== 'silent').map((mark) => drawPerson(her, mark)))),
    ...[await drawPerson(him), Buffer.from('no picture'), await noFace()],
  ];
  const met = await Promise.all([
    ...probes.map((probe) => matcher.compare({ probe, reference })),
    ...[Buffer.from('no picture'), await noFace()].map((bad) => matcher.compare({ probe: reference, reference: bad })),
  ]);
  expect(new Set(met.map(({ outcome }) => outcome))).toEqual(new Set(FACE_OUTCOMES));
  expect(new Set(met.map(({ pad }) => pad.result))).toEqual(new Set(PAD_RESULTS));
  expect(new Set(met.flatMap(({ issues }) => issues))).toEqual(new Set(FACE_ISSUES));
});

test('a simulated engine without detection never says that it performed one', async () => {
  const matcher = createSimulatedFaceMatcher({ look, pad: 'none' });
  const drawn = await drawPerson(her);
  const result = await matcher.compare({ probe: drawn, reference: drawn });
  expect(result.pad).toEqual({ level: 'none', result: 'not_performed' });
  expect([passes(result, 'none'), passes(result, 'active-challenge')]).toEqual([true, false]);
});

/** A wall: a picture with nobody in it. */
async function noFace(): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  return sharp({ create: { width: 480, height: 640, channels: 3, background: '#c8b08a' } })
    .jpeg()
    .toBuffer();
}
