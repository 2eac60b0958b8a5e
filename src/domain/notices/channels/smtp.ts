import { createTransport } from 'nodemailer';
import type { Secret } from '../../../platform/secret.ts';
import { type Delivery, isMalformed, MALFORMED, type MessageChannel } from '../channel.ts';

/** A mail server. */
export interface SmtpOptions {
  /** `smtps://user:password@host:465`, or `smtp://host:587?requireTLS=true`. */
  readonly url: Secret;
  readonly from: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** RFC 5321 §4.2.1: 4yz may work later, 5yz will not. Without a reply there was no talk at all. */
function outcome(error: unknown): Delivery {
  const status = (error as { responseCode?: number }).responseCode;
  if (status === undefined) return { delivered: false, retry: true, reason: 'unreachable' };
  return status < 500
    ? { delivered: false, retry: true, reason: 'busy' }
    : { delivered: false, retry: false, reason: 'refused' };
}

/** Mail over SMTP: plain text in UTF-8, no tracking, nothing fetched. */
export function createSmtp({ url, from, timeout = 10_000 }: SmtpOptions): MessageChannel {
  const transport = createTransport({
    url: url.reveal(),
    pool: false,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // A text never names a file or an address to be read into the mail.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as Parameters<typeof createTransport>[0]);
  const domain = /@([^\s>]+)>?$/.exec(from)?.[1] ?? 'localhost';
  return {
    name: 'smtp',
    media: ['mail'],
    async send(message) {
      if (isMalformed(message) || message.medium !== 'mail') return MALFORMED;
      const { to, subject = '', text, reference } = message;
      try {
        const sent = await transport.sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${reference}@${domain}>`,
          // Nobody's out-of-office reply is of use to us (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { delivered: true, receipt: String(sent.messageId) };
      } catch (error) {
        return outcome(error);
      }
    },
    close: () => transport.close(),
  };
}
