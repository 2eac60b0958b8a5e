import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createChipCardAdapter } from '../../../../src/domain/authenticators/adapters/chip-card.ts';
import { PERSONAS, presentCardNumber } from '../../../../src/sandbox/index.ts';
import { aBinder } from '../../../support/authenticators.ts';
import { fixedClock } from '../../../support/clock.ts';
import { sandboxExaminer } from '../../../support/examiner.ts';
import { evidenceOf, virtualCard } from '../../../support/virtual-card.ts';

const persona = 'level-2-chip';
const { identityNumber } = PERSONAS.find(({ id }) => id === persona)!;
const clock = fixedClock();
const binder = { ...aBinder({ identityNumber }), handle: randomBytes(16), alone: false };

describe('a genuine card of which the register has reported that it was taken away', () => {
  const standing = (isGood: boolean) => {
    const asked: string[][] = [];
    const adapter = createChipCardAdapter({
      examineCard: sandboxExaminer(clock).examine,
      stands: async (...of) => {
        asked.push(of);
        return isGood;
      },
      holdsPassport: async () => {
        throw new Error('it is no passport');
      },
    });
    const answering = async ({ session, challenge }: { session: string; challenge: string }) =>
      evidenceOf(virtualCard({ persona }), { session, challenge: Buffer.from(challenge, 'base64url') });
    const bind = async () => {
      const { expected } = await adapter.challengeToBind(binder, [], randomBytes);
      return adapter.bind(expected, await answering(expected), clock.now());
    };
    return { asked, adapter, answering, bind };
  };

  test('is bound to nobody, and signs nobody in who has bound it', async () => {
    const [good, gone] = [standing(true), standing(false)];
    const bound = await good.bind();
    if (!bound.verified) throw new Error(bound.reason);
    expect(await gone.bind()).toEqual({ verified: false, reason: 'wrong', refusal: 'document.reported' });
    const verdict = async ({ adapter, answering }: typeof good) => {
      const { expected } = await adapter.challenge([], randomBytes, 'vi');
      return adapter.verify({ id: 'one', binding: bound.binding }, expected, await answering(expected), clock.now());
    };
    expect(await verdict(good)).toMatchObject({ verified: true, chip: 'chip' });
    expect(await verdict(gone)).toEqual({ verified: false, reason: 'wrong', refusal: 'document.reported' });
    for (const { asked } of [good, gone])
      expect(asked).toEqual([1, 2].map(() => [identityNumber, presentCardNumber(identityNumber)]));
  });
});
