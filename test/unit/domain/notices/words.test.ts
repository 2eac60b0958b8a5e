import { expect, test } from 'vitest';
import { maskedAddress, NOTICES, type NoticeKind, wordsOf } from '../../../../src/domain/notices/index.ts';
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
