import { NOTICES, type NoticeKind, wordsOf } from '../../../domain/notices/index.ts';
import { cursorIn, cursorOf } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { sentPage } from './models.ts';

const SIZE = 20;

/** What has no mail has no subject: codes to a telephone. */
const WITHOUT_SUBJECT = { sign_in_code: 'sent.code.sign-in', lock_code: 'sent.code.lock' } as const;

/** What a message was about, in the words of its own subject. */
export const subjectOf = (kind: NoticeKind): string =>
  (NOTICES[kind].media as readonly string[]).includes('mail')
    ? wordsOf(kind, 'mail.subject')
    : (WITHOUT_SUBJECT[kind as keyof typeof WITHOUT_SUBJECT] ?? 'sent.other');

/** What was written to this person, to which of their addresses, and whether it went. One statement. */
export async function showSent({ ctx, parts, subscriber }: Visitor): Promise<void> {
  const before = cursorIn(ctx.query);
  const found = await parts.notices.sentTo(subscriber.id, {
    limit: SIZE + 1,
    ...(before ? { before: { queuedAt: before.at, id: before.id } } : {}),
  });
  const shown = found.slice(0, SIZE);
  const last = shown.at(-1);
  parts.views.show(ctx, sentPage, {
    sent: shown.map(({ kind, medium, to, queuedAt, state, settledAt, reason }) => ({
      ...{ at: queuedAt, about: subjectOf(kind), medium, to, state },
      settledAt: settledAt ?? null,
      late: reason === 'expired',
    })),
    olderUrl: found.length > SIZE && last ? `/account/data/notices?before=${cursorOf(last.queuedAt, last.id)}` : null,
  });
}
