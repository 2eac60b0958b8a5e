import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createChipCardAdapter } from '../../src/domain/authenticators/adapters/chip-card.ts';
import { type ChipEvidence, createChipExaminer, type Standing } from '../../src/domain/proofing/index.ts';
import { type ChipOptions, chipOptions, inventedKeys, withoutKeys } from '../../src/sandbox/cards/chip-options.ts';
import { issueCard, issuePassport, type PassportOrder, type SignerName } from '../../src/sandbox/cards/issue.ts';
import type { TrustAnchors } from '../../src/standards/icao9303/pki/anchors.ts';
import { NATIONAL_PROFILE } from '../../src/standards/icao9303/profiles.ts';
import { createVirtualCard, evidenceOf, sandboxAuthority, sandboxTrust, virtualCard } from '../support/virtual-card.ts';

// Abuse case 50, of passports: an authority is believed for the documents of its own state and of no other, nobody here speaks for
// another state, and a copy without the chip's key is none.
const NOW = new Date('2026-06-01T12:00:00Z');
const CHALLENGE = Buffer.from('0102030405060708', 'hex');
const AGAINST = { session: 'test-session', challenge: CHALLENGE, now: NOW };
const own = chipOptions('passport', 1, 'P-256');

interface Wish {
  readonly state?: string;
  readonly signer?: SignerName;
  readonly chip?: ChipOptions;
  /** The keys that the chip really has. */
  readonly keys?: ChipOptions;
  readonly expiresOn?: string;
}

async function passport({
  state = 'UTO',
  signer = 'foreign',
  chip = own,
  keys = chip,
  expiresOn = '2034-03-02',
}: Wish = {}) {
  const order: PassportOrder = {
    holder: { familyName: 'Eriksson', givenNames: 'Anna Maria', birthDate: '1974-08-12', sex: 'F' },
    ...{ state, documentNumber: 'L898902C3', issuedOn: '2024-08-12', expiresOn, chip },
  };
  return held(issuePassport(order, { signer: sandboxAuthority().signer(signer) }), keys);
}
const held = (made: ReturnType<typeof issueCard>, chip: ChipOptions): Promise<ChipEvidence> =>
  evidenceOf({ ...made, ...createVirtualCard({ random: randomBytes, ...made, chip }) }, { challenge: CHALLENGE });

function examiner(
  wish: { trust?: TrustAnchors; standing?: Standing; vouch?: () => Promise<{ issued: boolean }> } = {},
) {
  return createChipExaminer({
    anchors: async () => wish.trust ?? (await sandboxTrust(NOW)),
    profile: NATIONAL_PROFILE,
    askStatus: async () => wish.standing ?? { status: 'valid', from: 'authority' },
    ...(wish.vouch ? { vouch: wish.vouch } : {}),
  });
}
/** What a copy brings that answers nothing, or keeps files back. */
const mute = ({ active: _, chip: __, ...read }: ChipEvidence): ChipEvidence => read;
const without = (read: ChipEvidence, ...names: readonly string[]): ChipEvidence => ({
  ...read,
  files: Object.fromEntries(Object.entries(read.files).filter(([name]) => !names.includes(name))),
});
const told = (found: { genuine: boolean; refusal?: { code: string }; chip?: string }): string =>
  found.genuine ? `genuine, ${found.chip ?? 'silent'}` : found.refusal!.code;
const verdictOn = async (read: ChipEvidence, wish: Parameters<typeof examiner>[0] = {}): Promise<string> =>
  told(await examiner(wish).ofAnyState(read, AGAINST));

describe('a passport', () => {
  test('of a state whose authority is trusted is genuine, and is no card of ours', async () => {
    const read = await passport();
    expect(await examiner().ofAnyState(read, AGAINST)).toMatchObject({
      ...{ genuine: true, passport: true, chip: 'chip' },
      document: {
        ...{ issuingState: 'UTO', documentNumber: 'L898902C3', birthDate: '1974-08-12' },
        name: { primaryIdentifier: 'ERIKSSON', secondaryIdentifier: 'ANNA MARIA', nameMayBeCut: false },
      },
      passive: { profile: 'passport', country: 'UT', authority: { national: false } },
    });
    expect(told(await examiner().examine(read, AGAINST))).toBe('document.not_national');
  });

  test.each<[string, string, Wish]>([
    ['of Norway, signed under the authority of Utopia', 'csca.foreign', { state: 'NOR' }],
    ['of a state that nobody is, signed under the authority of Utopia', 'csca.foreign', { state: 'ZZZ' }],
    ['of Utopia, signed under our own authority', 'dsc.document_type', { signer: 'national' }],
    ['of Utopia, signed by a signer of ours for passports', 'csca.foreign', { signer: 'other-documents' }],
    ['of Utopia, by a signer that says that it is of another country', 'dsc.country', { signer: 'borrowed-country' }],
    ['of our own country, signed by a forger', 'document.not_national', { signer: 'forged', state: 'VNM' }],
    ['of our own country, signed under the authority of Utopia', 'document.not_national', { state: 'VNM' }],
    ['of our own country, honestly signed', 'document.not_national', { state: 'VNM', signer: 'other-documents' }],
    ['that has expired', 'document.expired', { expiresOn: '2026-05-31' }],
    ['whose chip is a copy with keys of its own', 'ca.failed', { keys: inventedKeys(own) }],
    ['whose chip is a copy without keys', 'chip.unproven', { keys: withoutKeys(own) }],
  ])('%s is refused', async (_, code, wish) => {
    expect(await verdictOn(await passport(wish))).toBe(code);
  });

  test('of a state whose authority is not trusted is refused, whatever our own authority would say', async () => {
    const { candidates, ...trust } = await sandboxTrust(NOW);
    const ours: TrustAnchors = { ...trust, candidates: (one) => candidates(one).filter(({ national }) => national) };
    const read = await passport();
    expect(await verdictOn(read, { trust: ours })).toBe('csca.unknown');
    expect(await verdictOn(read, { trust: ours, vouch: async () => ({ issued: true }) })).toBe('csca.unknown');
    // And where our authority vouches for cards, it is not asked about passports.
    const unasked = examiner({ vouch: () => Promise.reject(new Error('asked')) });
    const believed = await unasked.ofAnyState(read, AGAINST);
    expect(told(believed)).toBe('genuine, chip');
    // The chain to its own country was checked, and that is what is kept of it; of a card of ours its issuer's word.
    expect(believed).not.toHaveProperty('vouched');
    const card = await evidenceOf(virtualCard({}), { challenge: CHALLENGE });
    const vouching = examiner({ trust: ours, vouch: async () => ({ issued: true }) });
    expect(await vouching.ofAnyState(card, AGAINST)).toMatchObject({ passport: false, vouched: true });
  });

  test('is a booklet: a card of another state is none', async () => {
    const holder = {
      identityNumber: '097190000002',
      fullName: 'Anna Eriksson',
      birthDate: '1974-08-12',
      sex: 'F',
    } as const;
    const order = { holder, issuedOn: '2024-08-12', expiresOn: '2039-08-12', chip: own, state: 'UTO' };
    const card = issueCard(order, { signer: sandboxAuthority().signer('foreign') });
    expect(await verdictOn(await held(card, own))).toBe('document.not_passport');
  });

  test('without a key of its own is told as such, and a copy that keeps the key back is not taken for one', async () => {
    expect(await verdictOn(await passport({ chip: withoutKeys(own) }))).toBe('genuine, silent');
    const read = mute(await passport());
    for (const names of [[], ['DG15'], ['DG14'], ['DG14', 'DG15']])
      expect([names, await verdictOn(without(read, ...names))]).toEqual([names, 'chip.unproven']);
    // One with a key for active authentication alone, and one for chip authentication.
    const { chipAuthentication: _, ...signing } = own;
    expect(await verdictOn(without(mute(await passport({ chip: signing })), 'DG15'))).toBe('chip.unproven');
    const { active: __, ...agreeing } = own;
    expect(await verdictOn(mute(await passport({ chip: agreeing })))).toBe('chip.unproven');
  });

  test('that was reported is refused; one that our authority does not know is not', async () => {
    const read = await passport();
    const said = (
      status: Standing['status'],
      code: 'document.revoked' | 'document.not_issued' | 'document.status_unknown',
    ) => verdictOn(read, { standing: { status, from: 'authority', refusal: { code } } });
    expect(await said('lost', 'document.revoked')).toBe('document.revoked');
    expect(await said('unanswered', 'document.status_unknown')).toBe('document.status_unknown');
    expect(await said('unknown', 'document.not_issued')).toBe('genuine, chip');
  });
});

describe('a passport that an officer has bound', () => {
  const asked: string[][] = [];
  const adapter = (standing?: Standing, { replaced = false } = {}) =>
    createChipCardAdapter({
      examineCard: examiner(standing ? { standing } : {}).examine,
      stands: async () => {
        throw new Error('no chip of a passport names a number of ours');
      },
      holdsPassport: async (...of) => {
        asked.push(of);
        return !replaced;
      },
    });
  const expected = { session: AGAINST.session, challenge: CHALLENGE.toString('base64url') };
  const bound = async () => {
    const found = await examiner().ofAnyState(await passport(), AGAINST);
    if (!found.genuine) throw new Error(found.refusal.code);
    const { issuingState, documentNumber, expiresOn, key } = found.document;
    return { id: 'one', subscriberId: 'anna', binding: { issuingState, documentNumber, expiresOn, key } };
  };
  const reason = async (verdict: Promise<{ verified: boolean; refusal?: string }>) => {
    const { verified, refusal } = await verdict;
    return verified || refusal;
  };

  test('opens by its own chip, and nothing else does', async () => {
    const one = await bound();
    const verify = (read: ChipEvidence, of = adapter()) => reason(of.verify(one, expected, read, NOW) as never);
    expect(await verify(await passport())).toBe(true);
    expect(await verify(await passport({ chip: chipOptions('passport', 2, 'P-256') }))).toBe('document.another');
    expect(await verify(await passport({ chip: withoutKeys(own) }))).toBe('chip.unproven');
    expect(await verify(await passport({ state: 'NOR' }))).toBe('csca.foreign');
    // At a sign-in nobody has it in their hands: somebody has to be asked about it.
    const unknown: Standing = { status: 'unknown', from: 'authority', refusal: { code: 'document.not_issued' } };
    expect(await verify(await passport(), adapter(unknown))).toBe('document.not_issued');
  });

  test('opens nothing once the register has reported another one, whatever its own authority says', async () => {
    const [one, read] = [await bound(), await passport()];
    asked.length = 0;
    expect(await reason(adapter().verify(one, expected, read, NOW) as never)).toBe(true);
    const gone = adapter(undefined, { replaced: true });
    expect(await gone.verify(one, expected, read, NOW)).toEqual({
      ...{ verified: false, reason: 'wrong', refusal: 'document.passport_replaced' },
    });
    expect(asked).toEqual([1, 2].map(() => ['anna', 'L898902C3']));
    // Of what is nobody's nobody can be asked.
    const { subscriberId: _, ...nobodys } = one;
    expect(await reason(adapter().verify(nobodys, expected, read, NOW) as never)).toBe('document.passport_replaced');
    // It is said of a genuine one that was bound, and of no other.
    expect(await reason(gone.verify(one, expected, await passport({ chip: withoutKeys(own) }), NOW) as never)).toBe(
      'chip.unproven',
    );
  });

  test('is bound by nobody else, and opens nothing that a card of ours was bound to', async () => {
    const read = await passport();
    expect(await reason(adapter().bind({ ...expected, identityNumber: '097190000002' }, read, NOW) as never)).toBe(
      'document.not_national',
    );
    const { binding, ...one } = await bound();
    const card = { ...one, binding: { ...binding, issuingState: 'VNM' } };
    expect(await reason(adapter().verify(card, expected, read, NOW) as never)).toBe('document.not_national');
  });
});
