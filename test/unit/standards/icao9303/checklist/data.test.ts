import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createChipExaminer } from '../../../../../src/domain/proofing/chip-examiner.ts';
import { FILE_LIMITS } from '../../../../../src/domain/proofing/index.ts';
import { decodePortrait } from '../../../../../src/platform/portrait-decoder/decode.ts';
import type { OpenedCard } from '../../../../../src/sandbox/cards/cards.ts';
import { chipOptions } from '../../../../../src/sandbox/cards/chip-options.ts';
import { issueCard } from '../../../../../src/sandbox/cards/issue.ts';
import { openChip } from '../../../../../src/standards/icao9303/access/open-chip.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import {
  checkDigit,
  formatNationalCard,
  parseDg1,
  parseDg2,
  parseDg13,
  parseMrz,
  readPortrait,
  writeDg1,
  writeDg2,
} from '../../../../../src/standards/icao9303/lds/index.ts';
import { NATIONAL_PROFILE } from '../../../../../src/standards/icao9303/profiles.ts';
import { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import { refusalOf } from '../../../../support/refusals.ts';
import {
  createVirtualCard,
  customCard,
  evidenceOf,
  sandboxAuthority,
  sandboxTrust,
} from '../../../../support/virtual-card.ts';
import { codestream, jpeg } from '../lds/lds.ts';
import { refuses } from './clauses.ts';

// The verifier's checklist, part 5 of 5: data. One `describe` an item, one test a clause. What logs hold: test/security/50-card-canaries.
// 1 zone | 2 expiry | 3 typed and read | 4 DG13 | 5 DG2

const NOW = new Date('2026-03-02T08:00:00Z');
const HOLDER = {
  personalNumber: '097190000002',
  fullName: 'Nguyễn Thị Lan Anh',
  birthDate: '1990-05-17',
  sex: 'F',
  expiryDate: '2039-08-12',
} as const;
const zone = formatNationalCard(HOLDER);
/** The zone with another character at a place; its composite digit made right again unless that is what is wrong. */
function withAt(at: number, character: string, { recompute = true } = {}): string {
  const changed = zone.slice(0, at) + character + zone.slice(at + 1);
  if (!recompute) return changed;
  const composed = changed.slice(5, 37) + changed.slice(38, 45) + changed.slice(48, 59);
  return changed.slice(0, 59) + checkDigit(composed) + changed.slice(60);
}
const another = (at: number): string => String((Number(zone[at]) + 1) % 10);
const read = (text: string) => () => parseDg1(writeDg1(text), NOW);
/** The zone with other dates, every check digit right. */
function dated(birth: string, expiry: string): string {
  const line = `${birth}${checkDigit(birth)}F${expiry}${checkDigit(expiry)}VNM${'<'.repeat(11)}`;
  const text = zone.slice(0, 30) + line + zone.slice(30 + 29);
  const composed = text.slice(5, 37) + text.slice(38, 45) + text.slice(48, 59);
  return text.slice(0, 59) + checkDigit(composed) + text.slice(60);
}

describe('1. MRZ: all check digits incl. composite, charset, dates sane', () => {
  refuses([
    ['the check digit of the document number', 'mrz.check_digit', read(withAt(14, another(14)))],
    ['the check digit of the birth date', 'mrz.check_digit', read(withAt(36, another(36)))],
    ['the check digit of the expiry date', 'mrz.check_digit', read(withAt(44, another(44)))],
    ['the composite check digit', 'mrz.check_digit', read(withAt(59, another(59), { recompute: false }))],
    [
      'a digit of the optional data, which the composite covers',
      'mrz.check_digit',
      read(withAt(20, another(20), { recompute: false })),
    ],
    ['a small letter', 'mrz.malformed', read(withAt(70, 'n'))],
    ['a letter of another alphabet', 'mrz.malformed', () => parseMrz(withAt(70, 'Đ'), NOW)],
    ['a space', 'mrz.malformed', read(withAt(70, ' '))],
    ['a character short', 'mrz.malformed', read(zone.slice(0, -1))],
    ['a character more', 'mrz.malformed', read(`${zone}<`)],
    ['a sex that is none', 'mrz.malformed', read(withAt(37, 'Q'))],
    ['an expiry date on 30 February', 'mrz.date', read(dated('900517', '390230'))],
    ['an expiry date in a thirteenth month', 'mrz.date', read(dated('900517', '391312'))],
    ['an expiry date that is not known', 'mrz.date', read(dated('900517', '3908<<'))],
    ['a birth date on 31 April', 'mrz.date', read(dated('900431', '390812'))],
    ['a birth date with a letter', 'mrz.date', read(dated('9O0517', '390812'))],
    [
      'two zones in one file',
      'dg.malformed',
      () => parseDg1(write.tlv(0x61, ...[1, 2].map(() => write.tlv(0x5f1f, Buffer.from(zone)))), NOW),
    ],
  ]);
  test('a zone that is right is read; two digits of a year never name a day to come', () => {
    expect(parseMrz(zone, NOW)).toMatchObject({ birthDate: '1990-05-17', expiryDate: '2039-08-12' });
    // Born today, or a hundred years ago tomorrow.
    expect(parseMrz(dated('260302', '390812'), NOW).birthDate).toBe('2026-03-02');
    expect(parseMrz(dated('260303', '390812'), NOW).birthDate).toBe('1926-03-03');
  });
});

const chip = chipOptions('097190000002', 2, 'P-256');
/** What the examiner says of a genuine card with this last day, at a moment. */
async function on(expiresOn: string, now: string): Promise<void> {
  const holder = {
    identityNumber: HOLDER.personalNumber,
    fullName: HOLDER.fullName,
    birthDate: HOLDER.birthDate,
    sex: HOLDER.sex,
  };
  const issued = issueCard(
    { holder, issuedOn: '2024-08-12', expiresOn, chip },
    { signer: sandboxAuthority().signer('national') },
  );
  const card = { ...issued, ...createVirtualCard({ random: randomBytes, ...issued, chip }) };
  const at = new Date(now);
  const trust = await sandboxTrust(at);
  const { examine } = createChipExaminer({
    anchors: async () => trust,
    profile: NATIONAL_PROFILE,
    askStatus: async () => ({ status: 'valid', from: 'authority' }),
  });
  const challenge = randomBytes(8);
  const examined = await examine(await evidenceOf(card, { challenge }), {
    session: 'test-session',
    challenge,
    now: at,
  });
  if (!examined.genuine) throw new Refused(examined.refusal.code);
}

describe('2. document not expired', () => {
  refuses([
    [
      'the first second after the last day, in Viet Nam',
      'document.expired',
      () => on('2026-03-01', '2026-03-01T17:00:00.000Z'),
    ],
    ['years later', 'document.expired', () => on('2025-12-30', '2026-03-02T08:00:00Z')],
  ]);
  test('the last millisecond of the last day in Viet Nam is good, and a card without end is', async () => {
    expect(await refusalOf(() => on('2026-03-01', '2026-03-01T16:59:59.999Z'))).toBe('none');
    expect(await refusalOf(() => on('2099-12-31', '2026-03-02T08:00:00Z'))).toBe('none');
  });
});

describe('3. MRZ typed == DG1: the chip opens with its own zone alone', () => {
  const typed = (text: string, card: Pick<OpenedCard, 'transmit'>) => () =>
    openChip(card.transmit, { password: { kind: 'MRZ', secret: text }, policy: 'pace-or-bac' }, randomBytes);
  const bac = () => customCard({});
  const wrong = (secret: string, at: number): string =>
    secret.slice(0, at) + String((Number(secret[at]) + 1) % 10) + secret.slice(at + 1);
  refuses([
    [
      'a document number that is another',
      'access.failed',
      () => {
        const card = bac();
        return typed(wrong(card.mrzInformation, 3), card)();
      },
    ],
    [
      'a birth date that is another',
      'access.failed',
      () => {
        const card = bac();
        return typed(wrong(card.mrzInformation, 12), card)();
      },
    ],
    [
      'an expiry date that is another',
      'access.failed',
      () => {
        const card = bac();
        return typed(wrong(card.mrzInformation, 20), card)();
      },
    ],
  ]);
});

describe('4. DG13: tags by our own profile, UTF-8 checked', () => {
  const entry = (number: number, value: Buffer) => write.sequence(write.integer(number), value);
  const dg13 =
    (...entries: Buffer[]) =>
    () =>
      parseDg13(write.tlv(0x6d, write.sequence(...entries)));
  const utf8 = (octets: string) => write.tlv(0x0c, Buffer.from(octets, 'hex'));
  refuses([
    ['a byte that is no UTF-8', 'dg.malformed', dg13(entry(2, utf8('4e67ff')))],
    ['UTF-8 longer than needed', 'dg.malformed', dg13(entry(2, utf8('c0af')))],
    ['half of a surrogate pair', 'dg.malformed', dg13(entry(2, utf8('eda080')))],
    ['a sign that turns the direction of writing', 'dg.malformed', dg13(entry(2, write.utf8String('Lan\u202eAnh')))],
    ['a control character', 'dg.malformed', dg13(entry(2, write.utf8String('Lan\u0000Anh')))],
    ['an entry twice', 'dg.malformed', dg13(entry(2, write.utf8String('Lan')), entry(2, write.utf8String('Anh')))],
    ['a number of a person that is none', 'dg.malformed', dg13(entry(1, write.utf8String('12345')))],
    ['no entry', 'dg.malformed', dg13()],
    [
      'another tag',
      'asn1.unexpected',
      () => parseDg13(write.tlv(0x6c, write.sequence(entry(2, write.utf8String('Lan'))))),
    ],
  ]);
});

describe('5. DG2: image length inside the block, magic bytes, w*h cap, decoded in a worker; original bytes kept', () => {
  const picture = jpeg(300, 400);
  const dg2 = writeDg2({ bytes: picture, kind: 'jpeg', width: 300, height: 400 });
  const at = dg2.indexOf(picture);
  /** DG2 with a number of the facial record in front of its image changed: the record’s length, or the face’s. */
  const withNumber = (place: number, by: number) => () => {
    const copy = Buffer.from(dg2);
    copy.writeUInt32BE(copy.readUInt32BE(place) + by, place);
    return parseDg2(copy);
  };
  const record = dg2.indexOf('FAC\0');
  const withImage = (bytes: Buffer) => () => parseDg2(writeDg2({ bytes, kind: 'jpeg', width: 300, height: 400 }));
  const huge = jpeg(20_000, 20_000);
  refuses([
    ['a record that is longer than its block', 'dg.malformed', withNumber(record + 8, 1)],
    ['an image that runs over the end of its record', 'dg.malformed', withNumber(record + 14, 1)],
    ['an image that ends before its record', 'dg.malformed', withNumber(record + 14, -1)],
    [
      'an image of no known beginning',
      'image.malformed',
      withImage(Buffer.from('GIF89a and more of it, which is none')),
    ],
    ['a picture cut short in its head', 'image.malformed', () => readPortrait(picture.subarray(0, 12))],
    ['more pixels than any honest portrait', 'image.too_large', withImage(huge)],
    [
      'JPEG 2000 of more pixels than any honest portrait',
      'image.too_large',
      () => readPortrait(codestream({ width: 3_000, height: 3_000 })),
    ],
    ['no width', 'image.malformed', () => readPortrait(jpeg(0, 400))],
    [
      'a head without a picture behind it, when it is decoded',
      'image.malformed',
      () => decodePortrait(readPortrait(picture), 5),
    ],
  ]);
  test('the original bytes are kept as they are', () => {
    expect(at).toBeGreaterThan(0);
    expect(parseDg2(dg2).images[0].bytes.equals(picture)).toBe(true);
    expect(FILE_LIMITS.DG2).toBe(131_072);
  });
});
