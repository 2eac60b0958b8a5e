import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CardFile, ChipEvidence } from '../../../../src/domain/proofing/chip-evidence.ts';
import {
  createChipExaminer,
  hasExpired,
  type Standing,
  type Vouch,
} from '../../../../src/domain/proofing/chip-examiner.ts';
import { EidError } from '../../../../src/platform/errors.ts';
import type { CardFault } from '../../../../src/sandbox/cards/faults.ts';
import { createAnchors, type TrustAnchors } from '../../../../src/standards/icao9303/pki/anchors.ts';
import { NATIONAL_PROFILE } from '../../../../src/standards/icao9303/profiles.ts';
import { evidenceOf, sandboxTrust, virtualCard } from '../../../support/virtual-card.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const CHALLENGE = Buffer.from('0102030405060708', 'hex');
const SESSION = 'test-session';
const VALID: Standing = { status: 'valid', from: 'authority' };
const nobody = createAnchors({ version: 'nobody', anchors: [], lists: [] });

const evidence = (fault?: CardFault, persona?: string): Promise<ChipEvidence> =>
  evidenceOf(virtualCard({ ...(fault ? { fault } : {}), ...(persona ? { persona } : {}) }), { challenge: CHALLENGE });
const without = (read: ChipEvidence, ...files: readonly CardFile[]): ChipEvidence => ({
  ...read,
  files: Object.fromEntries(Object.entries(read.files).filter(([name]) => !files.includes(name as CardFile))),
});
const mute = ({ active: _, chip: __, ...read }: ChipEvidence): ChipEvidence => read;

interface Wish {
  readonly trust?: TrustAnchors;
  readonly standing?: Standing;
  readonly vouch?: Vouch;
  readonly now?: Date;
  readonly session?: string;
  readonly challenge?: Buffer;
}

/** The verdict on an evidence, with what was asked of the authority meanwhile. */
async function examined(read: ChipEvidence, wish: Wish = {}) {
  const asked: unknown[] = [];
  const trust = wish.trust ?? (await sandboxTrust(NOW));
  const examiner = createChipExaminer({
    anchors: async () => trust,
    profile: NATIONAL_PROFILE,
    askStatus: async (document, now) => {
      asked.push({ ...document, now });
      return wish.standing ?? VALID;
    },
    ...(wish.vouch ? { vouch: wish.vouch } : {}),
  });
  const { session = SESSION, challenge = CHALLENGE, now = NOW } = wish;
  return { verdict: await examiner.examine(read, { session, challenge, now }), asked };
}
const codeOf = async (read: ChipEvidence, wish: Wish = {}): Promise<string> => {
  const { verdict } = await examined(read, wish);
  return verdict.genuine ? 'genuine' : verdict.refusal.code;
};

describe('a genuine card', () => {
  test('is told by its document, how its chip proved itself, who vouches, and how it stands', async () => {
    const { verdict, asked } = await examined(await evidence());
    expect(verdict).toMatchObject({
      genuine: true,
      chip: 'chip',
      document: { issuingState: 'VNM', documentCode: 'ID', expiresOn: '2039-08-12' },
      standing: VALID,
      passive: { country: 'VN', authority: { national: true }, revocation: { status: 'fresh' } },
    });
    if (!verdict.genuine) return;
    const { issuingState, documentNumber, sod } = verdict.document;
    expect(asked).toEqual([{ issuingState, documentNumber, sodSha256: sod, now: NOW }]);
  });

  test('opened with a typed machine readable zone is the one that the zone names, or refused', async () => {
    const typed = (text: string): string => createHash('sha256').update(text).digest('hex');
    const [own, other] = [virtualCard().mrzInformation, virtualCard({ persona: 'child' }).mrzInformation];
    expect(await codeOf({ ...(await evidence()), typed: typed(own) })).toBe('genuine');
    expect(await codeOf({ ...(await evidence()), typed: typed(other) })).toBe('mrz.mismatch');
    // What the country signed comes first.
    expect(await codeOf({ ...(await evidence('changed-dg1')), typed: typed(other) })).toBe('dg.hash');
  });

  test('by active authentication alone, and by chip authentication alone', async () => {
    const { chip, active, ...read } = await evidence();
    expect((await examined({ ...read, active: active! })).verdict).toMatchObject({ genuine: true, chip: 'active' });
    expect((await examined({ ...read, chip: chip! })).verdict).toMatchObject({ genuine: true, chip: 'chip' });
  });
});

describe('evidence belongs to one session and one challenge', () => {
  test('of another session: document.another', async () => {
    expect(await codeOf(await evidence(), { session: 'another-session' })).toBe('document.another');
  });

  test('an answer to another challenge: aa.signature, though chip authentication is right', async () => {
    expect(await codeOf(await evidence(), { challenge: Buffer.alloc(8) })).toBe('aa.signature');
  });

  test('the answers of another genuine card are none of this one', async () => {
    const [own, other] = [await evidence(), await evidence(undefined, 'level-2-chip-face')];
    const { chip: _, ...signs } = own;
    expect(await codeOf({ ...signs, active: other.active! })).toBe('aa.signature');
    expect(await codeOf({ ...own, chip: other.chip! })).toBe('ca.failed');
  });

  test('with the other card’s key files too, the country has not signed them for this one: dg.hash', async () => {
    const [own, other] = [await evidence(), await evidence(undefined, 'level-2-chip-face')];
    for (const file of ['DG14', 'DG15'] as const) {
      const { active, chip } = other;
      const files = { ...own.files, [file]: other.files[file]! };
      expect(await codeOf({ ...own, files, active: active!, chip: chip! }), file).toBe('dg.hash');
    }
  });

  test('an ephemeral key of zero or beyond the curve proves nothing: ca.failed', async () => {
    const own = await evidence();
    for (const ephemeral of [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(0)])
      expect(await codeOf({ ...own, chip: { ...own.chip!, ephemeral: ephemeral.toString('base64url') } })).toBe(
        'ca.failed',
      );
  });

  test('answers of zeros, of ones and of nothing are refused, and are no fault of ours', async () => {
    const { chip: _, ...own } = await evidence();
    for (const [bytes, code] of [
      [Buffer.alloc(64), 'aa.signature'],
      [Buffer.alloc(64, 0xff), 'aa.signature'],
      [Buffer.alloc(0), 'aa.format'],
    ] as const)
      expect(await codeOf({ ...own, active: { response: bytes.toString('base64url') } })).toBe(code);
  });
});

describe('what is missing', () => {
  test('no security object, no DG1: input.missing', async () => {
    const own = await evidence();
    expect(await codeOf(without(own, 'SOD'))).toBe('input.missing');
    expect(await codeOf(without(own, 'DG1'))).toBe('input.missing');
  });

  test('the file of a key that an answer stands on: input.missing', async () => {
    const own = await evidence();
    const { chip: _, ...signs } = own;
    expect(await codeOf(without(own, 'DG14'))).toBe('input.missing');
    expect(await codeOf(without(signs, 'DG15'))).toBe('input.missing');
  });

  test('no answer of the chip: chip.unproven', async () => {
    expect(await codeOf(mute(await evidence()))).toBe('chip.unproven');
  });

  test('EF.COM is not looked at: none, or one that lies, changes nothing', async () => {
    const own = await evidence();
    expect(await codeOf(without(own, 'COM'))).toBe('genuine');
    expect(await codeOf({ ...own, files: { ...own.files, COM: Buffer.from('6000').toString('base64url') } })).toBe(
      'genuine',
    );
  });
});

describe('the order of verdicts', () => {
  test('what the country signed comes before what the chip says', async () => {
    const forged = await evidence('changed-dg1');
    expect(await codeOf({ ...mute(forged), active: { response: 'AAAA' } })).toBe('dg.hash');
  });

  test('the chip comes before the dates, and the dates before the authority', async () => {
    const expired = await evidence('expired-card', 'expired-card');
    const withdrawn: Standing = { ...VALID, refusal: { code: 'document.revoked' } };
    expect(await codeOf(mute(expired), { standing: withdrawn })).toBe('chip.unproven');
    const { verdict, asked } = await examined(expired, { standing: withdrawn });
    expect(verdict).toMatchObject({ genuine: false, refusal: { code: 'document.expired' } });
    expect(asked).toEqual([]);
  });

  test('nobody is asked about a card that is not genuine', async () => {
    const { asked } = await examined(await evidence('cloned'));
    expect(asked).toEqual([]);
  });

  test('the authority has the last word: its refusal is the verdict', async () => {
    const own = await evidence();
    for (const code of ['document.revoked', 'document.not_issued', 'document.status_unknown'] as const)
      expect(await codeOf(own, { standing: { ...VALID, refusal: { code } } })).toBe(code);
  });

  test('a fault of ours is thrown and is no verdict', async () => {
    const own = await evidence();
    const examiner = createChipExaminer({
      anchors: () => Promise.reject(new Error('no database')),
      profile: NATIONAL_PROFILE,
      askStatus: async () => VALID,
    });
    await expect(examiner.examine(own, { session: SESSION, challenge: CHALLENGE, now: NOW })).rejects.toThrow(
      'no database',
    );
  });
});

describe('a card is good until the end of its last day in Viet Nam', () => {
  const last = new Date('2039-08-12T16:59:59.999Z');
  const next = new Date('2039-08-12T17:00:00.000Z');
  test('one millisecond before midnight, and at midnight', async () => {
    expect([last, next].map((now) => hasExpired({ expiryDate: '2039-08-12' }, now))).toEqual([false, true]);
    const own = await evidence();
    const at = async (now: Date) => codeOf(own, { now, trust: await sandboxTrust(now) });
    expect(await at(last)).toBe('genuine');
    expect(await at(next)).toBe('document.expired');
  });
});

describe('a country without a CSCA: its authority is asked in place of a chain', () => {
  const says =
    (issued: boolean): Vouch =>
    () =>
      Promise.resolve({ issued });

  test('it vouches for these very bytes: genuine, with no authority in our store', async () => {
    const own = await evidence();
    const heard: Buffer[] = [];
    const vouch: Vouch = async (sod) => {
      heard.push(sod);
      return { issued: true };
    };
    expect(await codeOf(own, { trust: nobody })).toBe('csca.unknown');
    const { verdict } = await examined(own, { trust: nobody, vouch });
    // No passive authentication: whoever keeps a record of it has to say so (identity-assurance.md §5).
    expect(verdict).toMatchObject({ genuine: true, passive: { country: 'VN' }, vouched: true });
    expect((await examined(own)).verdict).not.toHaveProperty('vouched');
    expect(verdict).not.toHaveProperty('passive.authority');
    expect(heard).toEqual([Buffer.from(own.files.SOD!, 'base64url')]);
  });

  test('it did not issue it: document.not_issued', async () => {
    expect(await codeOf(await evidence(), { trust: nobody, vouch: says(false) })).toBe('document.not_issued');
  });

  test('it is silent: document.status_unknown', async () => {
    const vouch: Vouch = () => Promise.reject(new EidError('document_authority.unavailable', { status: 503 }));
    expect(await codeOf(await evidence(), { trust: nobody, vouch })).toBe('document.status_unknown');
  });

  test('a fault of ours while asking is thrown, and is not taken for silence', async () => {
    const vouch: Vouch = () => Promise.reject(new TypeError('ours'));
    await expect(codeOf(await evidence(), { trust: nobody, vouch })).rejects.toThrow('ours');
  });

  test.each([
    ['changed-dg1', 'dg.hash'],
    ['unsigned-dg15', 'dg.unsigned'],
    ['cloned', 'ca.failed'],
  ] as const)('whatever it says, %s is still %s', async (fault, code) => {
    expect(await codeOf(await evidence(fault), { trust: nobody, vouch: says(true) })).toBe(code);
  });

  test('it is not asked about files that are not what was signed', async () => {
    const vouch: Vouch = () => Promise.reject(new TypeError('asked'));
    expect(await codeOf(await evidence('changed-dg2'), { trust: nobody, vouch })).toBe('dg.hash');
  });

  test('and its word replaces no proof by the chip', async () => {
    expect(await codeOf(mute(await evidence()), { trust: nobody, vouch: says(true) })).toBe('chip.unproven');
  });
});
