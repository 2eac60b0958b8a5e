import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cardRefused, drawn } from '../../../src/journeys/card-reading.ts';
import { REFUSALS, type RefusalCode } from '../../../src/standards/icao9303/refusal.ts';

const sentences = (locale: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../../../views/messages/${locale}.json`, import.meta.url), 'utf8'));

describe('what is said of a refused card', () => {
  test.each(Object.keys(REFUSALS) as RefusalCode[])('%s has a sentence in both languages', (code) => {
    const key = String(cardRefused(code));
    for (const locale of ['vi', 'en']) expect(sentences(locale)[key], key).toMatch(/^\p{Lu}/u);
  });

  test.each([
    // Nobody is told that their card is forged because a line broke, they stopped, or our list is old.
    ['reader.lost', 'torn'],
    ['reader.late', 'torn'],
    ['reader.cancelled', 'cancelled'],
    ['apdu.status', 'torn'],
    ['messaging.malformed', 'torn'],
    ['crl.stale', 'ours'],
    ['crl.missing', 'ours'],
    ['document.status_unknown', 'document.status_unknown'],
    ['ca.unsupported', 'unproven'],
    ['mrz.check_digit', 'unreadable'],
    ['dg.hash', 'data'],
    ['aa.signature', 'copy'],
    ['csca.unknown', 'authority'],
    ['sod.signature', 'signer'],
  ] as const)('%s: %s', (code, sentence) => {
    expect(cardRefused(code)).toBe(`card.refused.${sentence}`);
  });

  test('the code of a reading is drawn with a quiet border', () => {
    const { size, path } = drawn('https://id.example/chip/v1/session/AAAAAAAAAAAAAAAAAAAAAA#B');
    expect(size).toBeGreaterThan(25);
    for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) {
      expect(Math.min(Number(x), Number(y))).toBeGreaterThanOrEqual(2);
      expect(Math.max(Number(x), Number(y))).toBeLessThan(size - 2);
    }
  });
});
