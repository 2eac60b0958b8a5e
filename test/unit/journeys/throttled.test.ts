import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { throttled, waitOf } from '../../../src/journeys/throttled.ts';
import { createMessages } from '../../../src/platform/messages.ts';

const messages = createMessages(resolve(import.meta.dirname, '../../../views/messages'));

describe('how long somebody waits', () => {
  test.each([
    [0, 'Wait 1 minute and', 'Hãy đợi 1 phút rồi'],
    [61, 'Wait 2 minutes and', 'Hãy đợi 2 phút rồi'],
    [5_400, 'Wait 90 minutes and', 'Hãy đợi 90 phút rồi'],
    [5_401, 'Wait 2 hours and', 'Hãy đợi 2 giờ rồi'],
    [82_000, 'Wait 23 hours and', 'Hãy đợi 23 giờ rồi'],
  ])('%i s', (seconds, en, vi) => {
    const said = throttled(seconds);
    expect(messages.t('en', said)).toContain(en);
    expect(messages.t('vi', said)).toContain(vi);
    expect(messages.t('en', 'recover.notice.throttled', waitOf(seconds))).toContain(en.replace('Wait', 'wait'));
  });
});
