import { expect, test } from 'vitest';
import { createFaceVerifier, type FaceMatcher, type FaceResult } from '../../../../src/domain/biometrics/index.ts';

// Issue 6 §3 and §8: a face at a counter counts with the detection of attacks that the policy demands, performed and passed.
const result = (outcome: FaceResult['outcome'], pad: FaceResult['pad']): FaceResult => ({
  ...{ outcome, pad, issues: [], transactionId: 't' },
  engine: { name: 'engine', version: '1' },
});
const verifier = (matcher: FaceMatcher | undefined, pad: 'active-challenge' | 'tested' = 'tested') =>
  createFaceVerifier({
    ...{ matcher, pad, portraits: undefined, identityNumber: async () => undefined },
    pictures: async (bytes) => ({ taken: true, image: bytes }),
  });
const [portrait, picture] = [Buffer.from('portrait'), Buffer.from('picture')];

test.each<[string, FaceResult['outcome'], FaceResult['pad'], string]>([
  ['a match of a tested engine', 'match', { level: 'tested', result: 'pass' }, 'same'],
  ['one that nobody looked at for an attack', 'match', { level: 'tested', result: 'not_performed' }, 'attack'],
  ['one that only a challenge was asked of', 'match', { level: 'active-challenge', result: 'pass' }, 'attack'],
  ['an attack', 'match', { level: 'tested', result: 'fail' }, 'attack'],
  ['another face', 'no_match', { level: 'tested', result: 'pass' }, 'another'],
  ['a picture that decides nothing', 'inconclusive', { level: 'tested', result: 'pass' }, 'unusable'],
])('where people are real, %s is worth what it is worth', async (_, outcome, pad, came) => {
  const asked: Buffer[] = [];
  const matcher: FaceMatcher = {
    pad: 'tested',
    compare: async ({ probe, reference }) => {
      asked.push(probe, reference);
      return result(outcome, pad);
    },
  };
  expect(verifier(matcher).compares).toBe(true);
  expect((await verifier(matcher).against(portrait, picture)).came).toBe(came);
  expect(asked).toEqual([picture, portrait]);
  // Of an account's person nothing is compared: no register is here.
  expect(verifier(matcher).able).toBe(false);
  expect((await verifier(matcher).verify('anybody', picture)).came).toBe('silent');
});

test.each(['none', 'active-challenge'] as const)(
  'an engine with %s is not asked where people are real',
  async (pad) => {
    const compare = async (): Promise<FaceResult> => {
      throw new Error('it was asked');
    };
    expect(verifier({ pad, compare }).compares).toBe(false);
    expect((await verifier({ pad, compare }).against(portrait, picture)).came).toBe('silent');
    expect((await verifier(undefined).against(portrait, picture)).came).toBe('silent');
  },
);
