import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUsedPictures } from '../../../src/domain/biometrics/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createPortraitDecoder } from '../../../src/platform/portrait-decoder/portrait-decoder.ts';
import { drawPerson, type MARKS, PERSONAS } from '../../../src/sandbox/index.ts';
import { ADDRESS, aBinder, authenticatorsOn } from '../../support/authenticators.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { sandboxFaces } from '../../support/faces.ts';
import { notWritten } from '../../support/not-written.ts';
import { testSealer } from '../../support/people.ts';
import { pictureOf } from '../../support/pictures.ts';

type Mark = (typeof MARKS)[number];

const [{ identityNumber: HERS }, { identityNumber: SOMEBODYS }] = PERSONAS as [
  (typeof PERSONAS)[number],
  (typeof PERSONAS)[number],
];

// NIST SP 800-63B-4 §3.2.3, ISO/IEC 30107-3, RFC 8176 `face`.
describe('a face', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  afterAll(() => fresh.end());

  /** Somebody whose face is bound, or who is about to bind it. */
  function somebody(engine: Parameters<typeof sandboxFaces>[1] = {}, number: string | null = HERS) {
    const subscriber = aBinder({ id: newId() });
    const { faces, matcher } = sandboxFaces(
      async (id) => (id === subscriber.id ? (number ?? undefined) : undefined),
      engine,
    );
    const part = authenticatorsOn(fresh.database, { faces });
    const { authenticators } = part;
    const named = { kind: 'face', subscriberId: subscriber.id } as const;
    const common = { kind: 'face', sessionKey: 'session', subscriber, authority: { by: 'system' } } as const;
    return {
      ...part,
      ...{ matcher, subscriber, faces },
      bound: () => authenticators.install(subscriber.id, { kind: 'face' }),
      async answer(picture: Buffer, sessionKey = newId()) {
        const begun = await authenticators.begin({ ...named, sessionKey, purpose: 'sign-in', address: ADDRESS });
        if (!begun.begun) throw new Error(begun.reason);
        const challengeId = begun.challengeId!;
        const answer = { ...named, sessionKey, challengeId, address: ADDRESS, response: { picture } };
        return { verdict: await authenticators.answer(answer), answer };
      },
      async bind(picture: Buffer, sessionKey: string = common.sessionKey) {
        const begun = await authenticators.begin({ ...common, sessionKey, purpose: 'bind', address: ADDRESS });
        if (!begun.begun) throw new Error(begun.reason);
        return authenticators.bind({ ...common, sessionKey, challengeId: begun.challengeId!, response: { picture } });
      },
    };
  }
  const usedPictures = () =>
    createUsedPictures({
      ...{ database: fresh.database, clock: fixedClock(), sealer: testSealer('pictures') },
      decoder: createPortraitDecoder(),
    });
  const drawn = (mark: Mark, of = HERS) => drawPerson(of, mark);

  test('is a proof with evaluated PAD where it is this person, and the journal keeps what the engine said', async () => {
    const her = somebody();
    await her.bound();
    const { verdict } = await her.answer(await drawn('plain'));
    expect(verdict).toMatchObject({ verified: true, proof: { kind: 'face', pad: 'evaluated' } });
    expect(her.events.at(-1)).toMatchObject({
      type: 'authentication.succeeded',
      detail: { outcome: 'match', pad: 'active-challenge', padResult: 'pass', score: 1, engine: 'simulated 1' },
    });
  });

  test.each([
    ['somebody else', 'plain', SOMEBODYS, [], 'another'],
    ['a picture of her on a screen', 'screen', HERS, [], 'attack'],
    ['a face of which nobody knows whether it lives', 'unchecked', HERS, [], 'attack'],
    ['a dark picture', 'dark', HERS, ['too_dark'], 'unusable'],
    ['two people', 'several', HERS, ['several_faces'], 'unusable'],
    ['an engine that does not decide', 'undecided', HERS, [], 'unusable'],
  ] as const)('%s is none, and no score leaves with the answer', async (_, mark, of, face, came) => {
    const her = somebody();
    await her.bound();
    const { verdict } = await her.answer(await drawn(mark, of));
    expect(verdict).toEqual({ verified: false, reason: 'wrong', face });
    expect(her.events.at(-1)).toMatchObject({ type: 'authentication.failed', detail: { kind: 'face', came } });
    expect(her.events.at(-1)?.detail).toHaveProperty('score');
  });

  test('what is no picture is told as such, and costs a try', async () => {
    const her = somebody();
    await her.bound();
    const { verdict } = await her.answer(Buffer.from('no picture of anybody'));
    expect(verdict).toEqual({ verified: false, reason: 'wrong', face: ['unreadable'] });
  });

  test('is not compared with nothing: no number, no portrait', async () => {
    for (const number of [null, '097000000999']) {
      const her = somebody({}, number);
      await her.bound();
      const { verdict } = await her.answer(await drawn('plain'));
      expect(verdict).toEqual({ verified: false, reason: 'wrong', face: ['no_portrait'] });
    }
  });

  test('an engine that is silent decides nothing, and takes no try', async () => {
    const her = somebody();
    await her.bound();
    her.matcher.behave('unreachable');
    for (let tries = 0; tries < 8; tries++)
      expect((await her.answer(await drawn('plain'))).verdict).toEqual({ verified: false, reason: 'busy' });
    her.matcher.behave('well');
    expect((await her.answer(await drawn('plain'))).verdict).toMatchObject({ verified: true });
  });

  test.each([
    ['sees no attack', { pad: 'none' }],
    ['nobody has tested', { pad: 'active-challenge', asked: 'tested' }],
  ] as const)(
    'counts for nothing with an engine that %s: nobody is asked, and whoever sends one is not believed',
    async (_, engine) => {
      const her = somebody(engine);
      expect(her.faces.able).toBe(false);
      await her.bound();
      expect((await her.answer(await drawn('plain'))).verdict).toEqual({ verified: false, reason: 'busy' });
      expect(await her.bind(await drawn('plain'))).toMatchObject({ verified: false });
    },
  );

  test('a picture is looked at once: its page is spent', async () => {
    const her = somebody();
    await her.bound();
    const { verdict, answer } = await her.answer(await drawn('plain'));
    expect(verdict.verified).toBe(true);
    expect(await her.authenticators.answer(answer)).toEqual({ verified: false, reason: 'replayed' });
  });

  test('after five failures half a minute, then longer each time, then it opens nothing any more', async () => {
    const her = somebody();
    await her.bound();
    const wrong = await drawn('plain', SOMEBODYS);
    for (let tries = 0; tries < 5; tries++)
      expect((await her.answer(wrong)).verdict).toMatchObject({ reason: 'wrong' });
    const right = await drawn('plain');
    expect((await her.answer(right)).verdict).toMatchObject({ reason: 'throttled', retryAfter: 30 });
    her.clock.advance(29);
    expect((await her.answer(right)).verdict).toMatchObject({ reason: 'throttled', retryAfter: 1 });
    her.clock.advance(1);
    expect((await her.answer(wrong)).verdict).toMatchObject({ reason: 'wrong' });
    expect((await her.answer(wrong)).verdict).toMatchObject({ reason: 'throttled', retryAfter: 60 });
    // A success sets it back.
    her.clock.advance(60);
    expect((await her.answer(right)).verdict).toMatchObject({ verified: true });
    for (let tries = 0; tries < 50; tries++) {
      her.clock.advance(3_600);
      expect((await her.answer(wrong)).verdict).toMatchObject({ reason: 'wrong' });
    }
    her.clock.advance(3_600);
    expect((await her.answer(right)).verdict).toMatchObject({ reason: 'disabled' });
    expect(her.changes.at(-1)).toMatchObject({ change: 'disabled', kind: 'face' });
  });

  test('a picture of which nothing could be written is sent again in that session, once; anywhere else it was kept', async () => {
    const her = somebody({ used: usedPictures() });
    await her.bound();
    const attack = { verified: false, reason: 'wrong', face: [] };
    const [first, second] = [await pictureOf(HERS), await pictureOf(HERS)];
    for (const picture of [first, second])
      await notWritten(fresh.database, () => expect(her.answer(picture, 'here')).rejects.toThrow());
    expect((await her.answer(second, 'there')).verdict).toEqual(attack);
    expect((await her.answer(first, 'here')).verdict).toMatchObject({ verified: true });
    // From now on it is one of before in that session too: it was looked at, and the answer was written.
    expect((await her.answer(first, 'here')).verdict).toEqual(attack);
    expect(her.events.at(-1)?.detail).toMatchObject({
      came: 'attack',
      outcome: 'match',
      padResult: 'pass',
      reused: true,
    });
    // Somebody else's is so too, whatever came of it.
    const foreign = await pictureOf(SOMEBODYS);
    expect((await her.answer(foreign, 'here')).verdict).toEqual(attack);
    expect(her.events.at(-1)?.detail).toMatchObject({ came: 'another' });
    her.clock.advance(30);
    expect((await her.answer(foreign, 'here')).verdict).toEqual(attack);
    expect(her.events.at(-1)?.detail).toMatchObject({ came: 'attack', reused: true });
  });

  test('so is one that binds', async () => {
    const her = somebody({ used: usedPictures() });
    const picture = await pictureOf(HERS);
    await notWritten(fresh.database, () => expect(her.bind(picture)).rejects.toThrow());
    expect(await her.bind(picture, 'another session')).toEqual({ verified: false, reason: 'wrong', face: [] });
    expect(await her.bind(picture)).toMatchObject({ verified: true });
    expect(await her.bind(picture)).toEqual({ verified: false, reason: 'wrong', face: [] });
  });

  test('is bound by its person alone; tries count then too, and what binds it is journalled', async () => {
    const her = somebody();
    for (let tries = 0; tries < 5; tries++)
      expect(await her.bind(await drawn('plain', SOMEBODYS))).toEqual({ verified: false, reason: 'wrong', face: [] });
    expect(her.events.at(-1)).toMatchObject({
      type: 'authentication.failed',
      detail: { purpose: 'bind', came: 'another' },
    });
    expect(await her.bind(await drawn('plain'))).toMatchObject({ reason: 'throttled', retryAfter: 30 });
    her.clock.advance(30);
    expect(await her.bind(await drawn('plain'))).toMatchObject({ verified: true });
    expect(her.changes.at(-1)).toMatchObject({ change: 'bound', kind: 'face' });
    // What was tried against it before says nothing of it now.
    expect((await her.answer(await drawn('plain'))).verdict).toMatchObject({ verified: true });
  });
});
