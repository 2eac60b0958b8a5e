import type { MessageValues } from '../../platform/messages.ts';
import type { BUDGETS } from './budget.ts';
import type { Medium } from './channel.ts';

/**
 * Everything we ever write to people, and the values each sentence needs beside `brand`, which is always there. The words
 * stand in `views/messages` under `notices.<kind>.sms`, `.subject` and `.mail`.
 */
export const NOTICES = {
  sign_in_code: { purse: 'code', media: ['sms'], values: ['code', 'minutes', 'host'] },
  authenticator_bound: { purse: 'notice', media: ['sms', 'mail'], values: ['authenticator', 'time', 'help'] },
  authenticator_unbound: { purse: 'notice', media: ['sms', 'mail'], values: ['authenticator', 'time', 'help'] },
  authenticator_disabled: { purse: 'notice', media: ['sms', 'mail'], values: ['authenticator', 'time', 'help'] },
  password_changed: { purse: 'notice', media: ['sms', 'mail'], values: ['time', 'help'] },
  sign_in_after_failures: { purse: 'notice', media: ['sms', 'mail'], values: ['failures', 'time', 'help'] },
  session_replayed: { purse: 'notice', media: ['sms', 'mail'], values: ['relyingParty', 'time', 'help'] },
  account_locked: { purse: 'notice', media: ['sms', 'mail'], values: ['time', 'help'] },
  account_unlocked: { purse: 'notice', media: ['sms', 'mail'], values: ['time', 'help'] },
} as const satisfies Record<
  string,
  { purse: keyof typeof BUDGETS; media: readonly Medium[]; values: readonly string[] }
>;

/** What a message is about. */
export type NoticeKind = keyof typeof NOTICES;

/** The values that the sentence of a kind needs. */
export type NoticeValues<Kind extends NoticeKind = NoticeKind> = Readonly<
  Record<(typeof NOTICES)[Kind]['values'][number], string | number>
> &
  MessageValues;

/** One message to one address. */
export interface Notice<Kind extends NoticeKind = NoticeKind> {
  readonly kind: Kind;
  readonly to: { readonly medium: Medium; readonly address: string };
  readonly locale: 'vi' | 'en';
  readonly values: NoticeValues<Kind>;
  readonly subscriberId?: string;
}

/** Where somebody can be reached: the addresses that were confirmed. */
export interface Reachable {
  readonly id: string;
  readonly locale: 'vi' | 'en';
  readonly phone?: string;
  readonly phoneVerified?: boolean;
  readonly email?: string;
  readonly emailVerified?: boolean;
}

/** The confirmed addresses of a person: a notice goes to all of them (NIST SP 800-63B-4 §4.6). */
export const addressesOf = (person: Reachable): Notice['to'][] => [
  ...(person.phone !== undefined && person.phoneVerified ? [{ medium: 'sms' as const, address: person.phone }] : []),
  ...(person.email !== undefined && person.emailVerified ? [{ medium: 'mail' as const, address: person.email }] : []),
];

/** `+84 ••• ••• 101`, `a•••@example.vn`: enough to recognise one's own. */
export const maskedAddress = ({ medium, address }: Notice['to']): string =>
  medium === 'sms'
    ? `${address.slice(0, 3)} ••• ••• ${address.slice(-3)}`
    : address.replace(/^(.).*(@.*)$/u, (_, first: string, rest: string) => `${first}•••${rest}`);
