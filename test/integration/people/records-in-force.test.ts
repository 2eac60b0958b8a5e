import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Evidence } from '../../../src/domain/proofing/index.ts';
import type { LockGround } from '../../../src/domain/subscribers/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { freshDatabase } from '../../support/database.ts';
import { aProofing } from '../../support/people.ts';

// identity-assurance.md §5: "Revoked or expired card: the record no longer qualifies".
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh?.end());

const DECIDED = '2026-02-01T02:00:00Z';
const AFTER = '2026-03-01T00:00:00Z';
const BEFORE = '2026-01-31T00:00:00Z';
const TODAY = '2026-06-15';
const piece = (kind: Evidence['kind'], expiresOn?: string): Evidence => ({
  ...{ kind, strength: 'strong', checks: ['passive_authentication'], hash: 'aa'.repeat(32) },
  ...(expiresOn === undefined ? {} : { expiresOn }),
});
/** The card that was shown, and another one. */
const [SHOWN, OTHER] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

interface Word {
  readonly document: Buffer;
  readonly value?: 'valid' | 'held' | 'revoked';
  readonly issued?: number;
  readonly revoked?: number;
}
interface Known {
  readonly locks?: readonly { readonly ground: LockGround; readonly at: string }[];
  readonly lastDays?: { readonly card?: string; readonly passport?: string };
  readonly today?: string;
  /** Whether the record names the card. */
  readonly named?: boolean;
  /** What the register has reported of cards of the number. */
  readonly cards?: readonly Word[];
  /** What has come with the person from a number of before: the card issued last to that one, and when it was replaced. */
  readonly brought?: { readonly document: Buffer; readonly at: string };
  /** The passport that was issued last, as it has reported. */
  readonly passport?: Buffer;
}

/** Whether a record on this evidence stands for something, with all that is known since. Nothing of it stays. */
async function good(evidence: readonly Evidence[], known: Known): Promise<boolean> {
  const { locks = [], lastDays = {}, today = TODAY, named = true, cards = [], brought, passport } = known;
  const [subscriber, record, number] = [newId(), newId(), Buffer.alloc(32, 9)];
  const by = aProofing().assurance!;
  let over: boolean | undefined;
  await fresh.database
    .transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`INSERT INTO proofing_records (subscriber_id, id, account_level, channel, applicant_age,
          face_matched, fingerprints_matched, evidence, evidence_hash, officer, policy, decided_at, test, assurance_policy,
          assurance_policy_hash, assurance_row, card)
        VALUES (${subscriber}, ${record}, 2, 'in_person', 30, true, true, ${JSON.stringify(evidence)}, ${Buffer.alloc(32)}, 'officer-1',
          'vn-nd69-2024@1', ${DECIDED}, true, ${by.version}, ${by.hash}, ${by.row ?? null}, ${named ? SHOWN : null})`);
      await transaction.execute(sql`INSERT INTO subscriber_identifiers (hash, kind, subscriber_id)
        VALUES (${number}, 'number', ${subscriber})`);
      for (const { ground, at } of locks)
        await transaction.execute(sql`INSERT INTO subscriber_locks (subscriber_id, id, ground, opened_by, opened_at)
          VALUES (${subscriber}, ${newId()}, ${ground}, 'system', ${at})`);
      for (const { document, value = 'valid', issued = null, revoked = null } of cards)
        await transaction.execute(sql`INSERT INTO register_cards (number_hash, document, value, sequence, issued, revoked, changed_at)
          VALUES (${number}, ${document}, ${value}, ${Math.max(issued ?? 1, revoked ?? 1)}, ${issued}, ${revoked}, ${AFTER})`);
      if (brought)
        await transaction.execute(sql`
          WITH moved AS (INSERT INTO register_standings (number_hash, aspect, value, sequence, moved_sequence, changed_at)
            VALUES (${number}, 'number', 'current', 5, 5, ${brought.at}))
          INSERT INTO register_cards (number_hash, document, value, sequence, issued_before, left_behind, changed_at)
          VALUES (${number}, ${brought.document}, 'valid', 4, 4, 5, ${brought.at})
          ON CONFLICT (number_hash, document) DO UPDATE SET issued_before = 4, left_behind = 5`);
      if (passport)
        await transaction.execute(sql`INSERT INTO register_standings (number_hash, aspect, value, sequence, document, changed_at)
          VALUES (${number}, 'passport', 'valid', 7, ${passport}, ${AFTER})`);
      const row = await transaction.row<{ over: boolean }>(sql`SELECT senid_record_is_over(${subscriber}, ${record},
        ${lastDays.card ?? null}::date, ${lastDays.passport ?? null}::date, ${today}::date) AS over`);
      over = row?.over;
      throw new Error('taken back');
    })
    .catch((error: Error) => expect(error.message).toBe('taken back'));
  if (over === undefined) throw new Error('the database has not said');
  return !over;
}
const locked = (ground: LockGround, at = AFTER) => [{ ground, at }];

describe('a record stands for what it rests on', () => {
  const card = '2026-06-15';
  test.each([true, false])('through the last day of the card, and not a day longer: %s', async (named) => {
    const lastDays = { card };
    expect(await good([piece('chip_card', card)], { lastDays, named })).toBe(true);
    expect(await good([piece('chip_card', card)], { lastDays, named, today: '2026-06-16' })).toBe(false);
    const cards = [{ document: SHOWN, issued: 1 }];
    expect(await good([piece('chip_card', card)], { cards, named, lastDays, today: '2026-06-16' })).toBe(false);
    // From before the day was kept.
    expect(await good([piece('chip_card')], { lastDays, named })).toBe(true);
    expect(await good([piece('chip_card')], { lastDays, named, today: '2026-06-16' })).toBe(false);
  });

  test.each([{ lastDays: { card: '2036-06-15' } }, { lastDays: {} }])(
    'not once another card has come: %o',
    async (known) => {
      expect(await good([piece('chip_card', card)], known)).toBe(false);
      expect(await good([piece('chip_card', card)], { ...known, named: false })).toBe(false);
    },
  );

  test.each([
    ['chip_card', 'card_revoked'],
    ['printed_card', 'card_revoked'],
    ['chip_card', 'card_expired'],
    ['residence_card', 'card_revoked'],
    ['residence_card', 'residence_expired'],
    ['passport', 'passport_expired'],
  ] as const)('not of %s after %s, whether it was lifted or not', async (kind, ground) => {
    for (const at of [DECIDED, AFTER]) expect(await good([piece(kind)], { locks: locked(ground, at) })).toBe(false);
    // What was before it was another document.
    expect(await good([piece(kind)], { locks: locked(ground, BEFORE) })).toBe(true);
  });

  test.each([
    ['chip_card', 'passport_expired'],
    ['passport', 'card_revoked'],
    ['chip_card', 'holder_request'],
    // Given back by the register, and the same card.
    ['chip_card', 'card_held'],
    ['register_entry', 'card_revoked'],
    ['vouching', 'card_expired'],
  ] as const)('%s is not over by %s', async (kind, ground) => {
    expect(await good([piece(kind)], { locks: locked(ground) })).toBe(true);
  });

  test('all of it: one document that is over ends the record', async () => {
    const evidence = [piece('passport', '2030-01-01'), piece('residence_card')];
    const lastDays = { passport: '2030-01-01', card: '2027-01-01' };
    expect(await good(evidence, { lastDays })).toBe(true);
    expect(await good(evidence, { lastDays: { ...lastDays, card: '2026-06-14' } })).toBe(false);
  });
});

describe('what the register reports of a card is about the record that names it', () => {
  const until = '2036-06-15';
  const of: Record<string, readonly [Known, boolean]> = {
    nothing: [{}, true],
    'it was issued': [{ cards: [{ document: SHOWN, issued: 1 }] }, true],
    'it was issued after another': [
      {
        cards: [
          { document: OTHER, issued: 1 },
          { document: SHOWN, issued: 2 },
        ],
      },
      true,
    ],
    'another was issued': [{ cards: [{ document: OTHER, issued: 1 }] }, false],
    'another was issued after it': [
      {
        cards: [
          { document: SHOWN, issued: 1 },
          { document: OTHER, issued: 2 },
        ],
      },
      false,
    ],
    'another was revoked': [{ cards: [{ document: OTHER, value: 'revoked', revoked: 1 }] }, true],
    'it is held': [{ cards: [{ document: SHOWN, value: 'held' }] }, true],
    'it was revoked': [{ cards: [{ document: SHOWN, value: 'revoked', revoked: 2, issued: 1 }] }, false],
    'it was revoked, and given back': [{ cards: [{ document: SHOWN, value: 'valid', revoked: 2 }] }, false],
    'it was revoked, as was kept before one kept when': [{ cards: [{ document: SHOWN, value: 'revoked' }] }, false],
    'it was issued after that': [{ cards: [{ document: SHOWN, value: 'valid', revoked: 1, issued: 2 }] }, true],
    'another was issued to the number of before': [{ brought: { document: OTHER, at: AFTER } }, false],
    'another was, before it was shown': [{ brought: { document: OTHER, at: BEFORE } }, true],
    'it was itself': [{ brought: { document: SHOWN, at: AFTER } }, true],
    'and then it was to the number of today': [
      { brought: { document: OTHER, at: AFTER }, cards: [{ document: SHOWN, issued: 2 }] },
      true,
    ],
  };

  test.each(Object.entries(of))('%s', async (_, [known, stands]) => {
    for (const kind of ['chip_card', 'printed_card', 'residence_card'] as const)
      for (const day of [until, undefined]) {
        const lastDays = day === undefined ? {} : { card: day };
        expect([kind, day, await good([piece(kind, day)], { ...known, lastDays })]).toEqual([kind, day, stands]);
        // One that names no card is judged by the last days, as ever; and so is a passport.
        expect(await good([piece(kind, day)], { ...known, lastDays, named: false })).toBe(true);
      }
    expect(await good([piece('passport', until)], { ...known, lastDays: { passport: until } })).toBe(true);
  });

  // A card that is issued anew has the number of the one before (domain.md §4).
  test('and another last day ends it all the same, of the very number', async () => {
    const cards = [{ document: SHOWN, issued: 1 }];
    for (const named of [true, false]) {
      for (const lastDays of [{}, { card: '2039-01-01' }])
        expect(await good([piece('chip_card', until)], { cards, lastDays, named })).toBe(false);
      expect(await good([piece('chip_card', until)], { cards, lastDays: { card: until }, named })).toBe(true);
    }
  });
});

describe('what the register reports of a passport is about the record that names it', () => {
  const until = '2036-06-15';
  const days = [until, undefined] as const;
  const lastDaysOf = (day: string | undefined) => ({ card: until, ...(day === undefined ? {} : { passport: day }) });

  test.each([
    ['nothing', {}, true],
    ['it was issued', { passport: SHOWN }, true],
    ['another was issued', { passport: OTHER }, false],
    // Of a passport that is no word, whatever it is about.
    ['another card was issued', { cards: [{ document: OTHER, issued: 1 }] }, true],
    ['a card of that number was revoked', { cards: [{ document: SHOWN, value: 'revoked', revoked: 1 }] }, true],
  ] as const)('%s', async (_, known, stands) => {
    for (const day of days) {
      const lastDays = lastDaysOf(day);
      expect([day, await good([piece('passport', day)], { ...known, lastDays })]).toEqual([day, stands]);
      // One that names none is judged by the last days, as ever.
      expect(await good([piece('passport', day)], { ...known, lastDays, named: false })).toBe(true);
    }
    // A residence card beside it is another document, which the record does not name.
    const both = [piece('passport', until), piece('residence_card', until)];
    expect(await good(both, { ...known, lastDays: lastDaysOf(until) })).toBe(stands);
  });

  test.each(['chip_card', 'printed_card', 'residence_card'] as const)('and nothing about %s', async (kind) => {
    for (const passport of [SHOWN, OTHER])
      expect(await good([piece(kind, until)], { passport, lastDays: lastDaysOf(until) })).toBe(true);
  });

  test('and another last day ends it all the same, of the very number', async () => {
    for (const day of ['2039-01-01', undefined])
      expect(await good([piece('passport', until)], { passport: SHOWN, lastDays: lastDaysOf(day) })).toBe(false);
  });
});
