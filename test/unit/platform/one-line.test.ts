import { expect, test } from 'vitest';
import { oneLine } from '../../../src/platform/plain-values/one-line.ts';

test.each([
  ['is NFC', 'Tha\u0306\u0301ng', 'Thắng'],
  ['is one line', ' Đã gọi\r\n\thỏi. ', 'Đã gọi hỏi.'],
  ['is read in the direction of its letters', 'Ba\u202egnod\u202c Vì\u2066\u2069!', 'Ba gnod  Vì !'],
  ['keeps what joins letters', 'क्\u200dष', 'क्\u200dष'],
])('a line that somebody typed %s', (_, typed, kept) => {
  expect(oneLine(typed)).toBe(kept);
});
