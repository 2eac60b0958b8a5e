import { expect, test } from 'vitest';
import {
  isOfCodes,
  maskedAddress,
  NOTICES,
  type NoticeKind,
  segmentsOf,
  wordsOf,
} from '../../../../src/domain/notices/index.ts';
import { createMessages } from '../../../../src/platform/messages.ts';

const messages = createMessages('views/messages');
const always = ['brand', 'host', 'name', 'moment'];

test.each(Object.keys(NOTICES) as NoticeKind[])(
  '%s has its words for each medium, and asks for no value that nobody gives',
  (kind) => {
    const { media, values } = NOTICES[kind];
    const parts = media.flatMap((medium) =>
      medium === 'sms' ? (['sms'] as const) : (['mail.subject', 'mail.body'] as const),
    );
    for (const part of parts) {
      for (const locale of ['vi', 'en'] as const) {
        const unknown = messages
          .placeholders(locale, wordsOf(kind, part))
          .filter((name) => ![...always, ...values].includes(name as never));
        expect(unknown).toEqual([]);
      }
    }
  },
);

test('a masked address is enough to recognise one’s own, and no more', () => {
  expect(maskedAddress({ medium: 'sms', address: '+84900000101' })).toBe('+84 ••• ••• 101');
  expect(maskedAddress({ medium: 'mail', address: 'lan.nguyen@sen.example' })).toBe('l•••@sen.example');
});

const CODES = (Object.keys(NOTICES) as NoticeKind[]).filter((kind) => isOfCodes(NOTICES[kind].purse));

test.each(CODES)(
  '%s: its text message ends with the code bound to our host, and warns of whoever asks for it',
  (kind) => {
    const values = {
      brand: 'SenID',
      host: 'sen.example',
      name: 'Lan',
      moment: '',
      code: '918273',
      minutes: 10,
      hours: 24,
    };
    for (const [locale, warning] of [
      ['vi', /Không đưa mã( này)? cho bất kỳ ai/],
      ['en', /nobody|no one|anyone|anybody/i],
    ] as const) {
      const text = messages.t(locale, wordsOf(kind, 'sms'), values);
      // WICG, "Origin-bound one-time codes delivered via SMS": the last line, and nothing behind it.
      expect(text.split('\n').at(-1)).toBe('@sen.example #918273');
      expect(text).toMatch(warning);
    }
  },
);

test('a text is billed by its alphabet', () => {
  expect(segmentsOf('a'.repeat(160))).toBe(1);
  expect(segmentsOf('a'.repeat(161))).toBe(2);
  // A bracket takes two septets, and one letter outside the alphabet makes all of them UCS-2.
  expect(segmentsOf(`${'a'.repeat(159)}[`)).toBe(2);
  expect(segmentsOf(`${'a'.repeat(69)}ế`)).toBe(1);
  expect(segmentsOf(`${'a'.repeat(70)}ế`)).toBe(2);
});

test.each(['sms', 'mail.body'] as const)('a recovery says on every medium what becomes of level 2: %s', (part) => {
  const values = { brand: 'SenID', host: 'sen.example', name: 'Lan', moment: '', cancel: 'https://sen.example/stop' };
  const words = wordsOf('recovery_completed', part);
  expect(messages.t('vi', words, values)).toMatch(/mức 2.*dùng lại .*xác minh/i);
  expect(messages.t('en', words, values)).toMatch(/level 2.*counts again/i);
  // Whoever did not do it locks the account from here.
  for (const locale of ['vi', 'en'] as const) expect(messages.t(locale, words, values)).toContain(values.cancel);
});
