import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ChipExaminer, createChipExaminer } from '../../../../src/domain/proofing/chip-examiner.ts';
import { cards, cardsOf, openCard, withdrawnDocuments } from '../../../../src/sandbox/cards/cards.ts';
import { CARD_FAULTS, type CardFault, FAULTS } from '../../../../src/sandbox/cards/faults.ts';
import { NATIONAL_PROFILE } from '../../../../src/standards/icao9303/passive-authentication.ts';
import { asRefusal, type RefusalCode } from '../../../../src/standards/icao9303/refusal.ts';
import { evidenceOf, sandboxTrust, virtualCard } from '../../../support/virtual-card.ts';

const NOW = new Date('2026-03-02T08:00:00Z');

let examiner: ChipExaminer;
beforeAll(async () => {
  const trust = await sandboxTrust(NOW);
  const withdrawn = new Set(withdrawnDocuments());
  examiner = createChipExaminer({
    anchors: async () => trust,
    profile: NATIONAL_PROFILE,
    askStatus: async ({ documentNumber }) => ({
      ...{ status: 'valid', from: 'authority' },
      ...(withdrawn.has(documentNumber) ? { refusal: { code: 'document.revoked' } } : {}),
    }),
  });
});

/** Reads a card from the outside and examines what came: the code of the refusal, or how the chip was proven. */
async function verdictOn(card: ReturnType<typeof virtualCard> | ReturnType<typeof openCard>): Promise<string> {
  const challenge = randomBytes(8);
  try {
    const evidence = await evidenceOf(card!, { challenge });
    const examined = await examiner.examine(evidence, { session: evidence.session, challenge, now: NOW });
    return examined.genuine ? `accepted by ${examined.chip}` : examined.refusal.code;
  } catch (error) {
    return asRefusal(error).code;
  }
}

describe('a card is refused for what is wrong with it, and for nothing else', () => {
  test.each(CARD_FAULTS)('%s', async (fault: CardFault) => {
    const [expected] = FAULTS[fault].refusals as readonly RefusalCode[];
    expect(await verdictOn(virtualCard({ fault }))).toBe(expected);
  });

  test.each(
    cards()
      .filter(({ expected }) => expected === 'accepted')
      .map(({ id }) => id),
  )('%s is accepted', async (id) => {
    expect(await verdictOn(openCard(id, { random: randomBytes }))).toBe('accepted by chip');
  });

  test.each(['expired-card', 'revoked-card'])('the only card of %s is the bad one', async (persona) => {
    const [card, ...others] = cardsOf(persona);
    expect(others).toEqual([]);
    expect(await verdictOn(openCard(card!.id, { random: randomBytes }))).toBe(card!.expected);
  });
});
