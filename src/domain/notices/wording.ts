import type { Messages } from '../../platform/messages.ts';
import { isOfCodes } from './budgets/budget.ts';
import type { OutgoingMessage } from './channel.ts';
import { AFTER_ALL, type AnyNotice, NOTICES, WITH_A_LOCK, wordsOf } from './notice.ts';

/** What waits in the outbox, which seals it: it names people and carries codes. */
export interface MessagePayload {
  readonly id: string;
  /** When it was queued, in epoch milliseconds: the moment that the words speak of. */
  readonly at: number;
  readonly notice: AnyNotice;
}

/** Messages in the words of their readers; `folded` is how many others are told of by this one (withholding.ts). */
export function createWording(parts: {
  readonly messages: Pick<Messages, 't'>;
  readonly brand: string;
  readonly host: string;
}) {
  return ({ id, at, notice }: MessagePayload, folded: number): OutgoingMessage => {
    const { kind, to, locale, name = '', values } = notice;
    const moment = new Intl.DateTimeFormat(locale === 'vi' ? 'vi-VN' : 'en-GB', {
      dateStyle: 'short',
      timeStyle: 'short',
      timeZone: 'Asia/Ho_Chi_Minh',
    }).format(at);
    const always = { name, moment, brand: parts.brand, host: parts.host };
    // What somebody can do who reads of a change that is not theirs; behind a code there is nothing but the code.
    const isChange =
      !isOfCodes(NOTICES[kind].purse) &&
      notice.subscriberId !== undefined &&
      !AFTER_ALL.has(kind) &&
      !WITH_A_LOCK.has(kind);
    const say = (part: 'sms' | 'mail.subject' | 'mail.body'): string => {
      const words = parts.messages.t(locale, wordsOf(kind, part), { ...values, ...always });
      const frame = (line: `${'folded' | 'lock-now' | 'never-asked'}.${'sms' | 'mail'}`): string[] => [
        parts.messages.t(locale, `notices.${line}`, { ...always, count: folded }),
      ];
      if (part === 'mail.subject') return words;
      const medium = part === 'sms' ? 'sms' : 'mail';
      const added = [
        ...(folded > 0 ? frame(`folded.${medium}`) : []),
        ...(isChange ? frame(`lock-now.${medium}`) : []),
      ];
      // Whoever writes in our name asks for one: no mail of ours is without its last line.
      return medium === 'sms'
        ? [words, ...added].join(' ')
        : [words, ...added, ...frame('never-asked.mail')].join('\n\n');
    };
    return to.medium === 'sms'
      ? { medium: 'sms', to: to.address, text: say('sms'), reference: id }
      : { medium: 'mail', to: to.address, subject: say('mail.subject'), text: say('mail.body'), reference: id };
  };
}
