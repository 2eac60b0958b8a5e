import { expect, test } from 'vitest';
import { oneLine, unseenIn, writtenOut } from '../../../src/platform/plain-values/one-line.ts';

test.each([
  ['is NFC', 'Tha\u0306\u0301ng', 'Thắng'],
  ['is one line', ' Đã gọi\r\n\thỏi. ', 'Đã gọi hỏi.'],
  ['is read in the direction of its letters', 'Ba\u202egnod\u202c Vì\u2066\u2069!', 'Ba gnod  Vì !'],
  ['keeps what joins letters', 'क्\u200dष', 'क्\u200dष'],
])('a line that somebody typed %s', (_, typed, kept) => {
  expect(oneLine(typed)).toBe(kept);
});

test('what is not seen in it is named, and written out', () => {
  expect(unseenIn('Sông Hồng')).toEqual([]);
  expect(unseenIn('a\u202eb\u202e\u200fc\u061c\u0007')).toEqual(['\\u202e', '\\u200f', '\\u061c', '\\u0007']);
  expect(writtenOut('{\n "vi": "Sông\u202e gnồH"\n}')).toBe('{\n "vi": "Sông\\u202e gnồH"\n}');
});
