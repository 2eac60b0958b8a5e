import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../../../../src/domain/proofing/index.ts';
import type { LockGround } from '../../../../../src/domain/subscribers/index.ts';
import { type KnownDocuments, restsOnWhatIsInForce } from '../../../../../src/domain/subscribers/level/in-force.ts';
import { aProofing } from '../../../../support/people.ts';

const piece = (kind: Evidence['kind'], expiresOn?: string): Evidence => ({
  ...{ kind, strength: 'strong', checks: ['passive_authentication'], hash: 'aa'.repeat(32) },
  ...(expiresOn === undefined ? {} : { expiresOn }),
});
const DECIDED = new Date('2026-02-01T02:00:00Z');
const good = (evidence: Evidence[], known: Partial<KnownDocuments>): boolean =>
  restsOnWhatIsInForce(aProofing({ evidence, decidedAt: DECIDED }), {
    ...{ locks: [], lastDays: {}, today: '2026-06-15', ...known },
  });
const locked = (ground: LockGround, at = '2026-03-01T00:00:00Z') => [{ ground, openedAt: new Date(at) }];

// identity-assurance.md §5: "Revoked or expired card: the record no longer qualifies".
describe('a record stands for what it rests on', () => {
  const card = '2026-06-15';
  test('through the last day of the card, and not a day longer', () => {
    const lastDays = { card };
    expect(good([piece('chip_card', card)], { lastDays })).toBe(true);
    expect(good([piece('chip_card', card)], { lastDays, today: '2026-06-16' })).toBe(false);
    // From before the day was kept.
    expect(good([piece('chip_card')], { lastDays })).toBe(true);
    expect(good([piece('chip_card')], { lastDays, today: '2026-06-16' })).toBe(false);
  });
  test.each([{ lastDays: { card: '2036-06-15' } }, { lastDays: {} }])('not once another card has come: %o', (known) => {
    expect(good([piece('chip_card', card)], known)).toBe(false);
  });
  test.each([
    ['chip_card', 'card_revoked'],
    ['printed_card', 'card_revoked'],
    ['chip_card', 'card_expired'],
    ['residence_card', 'card_revoked'],
    ['residence_card', 'residence_expired'],
    ['passport', 'passport_expired'],
  ] as const)('not of %s after %s, whether it was lifted or not', (kind, ground) => {
    expect(good([piece(kind)], { locks: locked(ground) })).toBe(false);
    // What was before it was another document.
    expect(good([piece(kind)], { locks: locked(ground, '2026-01-31T00:00:00Z') })).toBe(true);
  });
  test.each([
    ['chip_card', 'passport_expired'],
    ['passport', 'card_revoked'],
    ['chip_card', 'holder_request'],
    // Given back by the register, and the same card.
    ['chip_card', 'card_held'],
    ['register_entry', 'card_revoked'],
    ['vouching', 'card_expired'],
  ] as const)('%s is not over by %s', (kind, ground) => {
    expect(good([piece(kind)], { locks: locked(ground) })).toBe(true);
  });
  test('all of it: one document that is over ends the record', () => {
    const evidence = [piece('passport', '2030-01-01'), piece('residence_card')];
    const lastDays = { passport: '2030-01-01', card: '2027-01-01' };
    expect(good(evidence, { lastDays })).toBe(true);
    expect(good(evidence, { lastDays: { ...lastDays, card: '2026-06-14' } })).toBe(false);
  });
});
