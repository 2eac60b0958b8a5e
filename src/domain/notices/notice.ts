import type { MessageValues } from '../../platform/messages.ts';
import type { Purse } from './budgets/budget.ts';
import type { Medium } from './channel.ts';

/**
 * Everything we ever write to people, and the values each sentence needs beside those that are always there: `brand`, `host`
 * (where to go, typed by hand), `name` and `moment`. The words stand in `views/messages` under `notices.<kind>` with dashes:
 * `.sms`, and `.mail.subject` and `.mail.body`.
 */
export const NOTICES = {
  sign_in_code: { purse: 'sign_in_code', media: ['sms'], values: ['code', 'minutes'] },
  authenticator_bound: { purse: 'alarm', media: ['sms', 'mail'], values: ['authenticator'] },
  authenticator_unbound: { purse: 'notice', media: ['sms', 'mail'], values: ['authenticator'] },
  authenticator_disabled: { purse: 'alarm', media: ['sms', 'mail'], values: ['authenticator'] },
  /** Somebody said of a sign-in with it that it was not theirs. */
  authenticator_frozen: { purse: 'alarm', media: ['sms', 'mail'], values: ['authenticator'] },
  authenticator_reinstated: { purse: 'notice', media: ['sms', 'mail'], values: ['authenticator'] },
  password_changed: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  sign_in_after_failures: { purse: 'sign_in', media: ['sms', 'mail'], values: ['failures'] },
  access_ended: { purse: 'notice', media: ['sms', 'mail'], values: ['relyingParty'] },
  /** The code, to an operator's work address: of the one kind of mail whose link is to be followed. */
  operator_invited: { purse: 'notice', media: ['mail'], values: ['link'] },
  /** To a telephone that nobody has confirmed yet; so are the others about an application. */
  sign_up_code: { purse: 'sign_up_code', media: ['sms'], values: ['code', 'minutes'] },
  application_received: { purse: 'notice', media: ['sms'], values: ['reference'] },
  application_needs_picture: { purse: 'notice', media: ['sms'], values: ['reference', 'days'] },
  application_approved: { purse: 'alarm', media: ['sms'], values: ['activation', 'days'] },
  application_not_confirmed: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  application_face_differs: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  application_counter: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  application_not_answered: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  application_lapsed: { purse: 'notice', media: ['sms'], values: [] },
  /** To whoever the register knows at the number: nothing to follow, a code to type. */
  application_in_your_name: { purse: 'alarm', media: ['sms', 'mail'], values: ['stop'] },
  /** The same of an older one, whose code an office has sent once more. */
  application_reissued_in_your_name: { purse: 'alarm', media: ['sms', 'mail'], values: ['stop'] },
  sign_up_with_account: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  ward_registered: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  /** To a guardian: the ward has taken the account over, and they see it for a while yet. */
  ward_handed_over: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  /** To a guardian: they have locked the ward's account, or lifted that. */
  ward_locked: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  ward_unlocked: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  /** To a guardian whose guardianship has ended by the register's word or by its last day, and to whoever they looked after. */
  guardianship_over: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  guardian_gone: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  guardianship_ended: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  /** To the telephone of whoever has taken over an account that a guardian had made. */
  account_taken_over: { purse: 'alarm', media: ['sms'], values: [] },
  /** The same, of one whose level 2 waits for an office. */
  account_taken_over_level_2: { purse: 'alarm', media: ['sms'], values: [] },
  /** Somebody has applied for an organisation, and this co-representative has to consent. */
  organisation_consent_asked: { purse: 'notice', media: ['sms', 'mail'], values: ['organisation'] },
  organisation_approved: { purse: 'notice', media: ['sms', 'mail'], values: ['organisation'] },
  organisation_refused: { purse: 'notice', media: ['sms', 'mail'], values: ['organisation'] },
  /** Acts for it no longer: left, listed no more, or it is dissolved. */
  organisation_ended: { purse: 'alarm', media: ['sms', 'mail'], values: ['organisation'] },
  /** Half of a recovery, or the confirmation of an address for one. */
  recovery_code: { purse: 'recovery_code', media: ['sms', 'mail'], values: ['code', 'minutes', 'hours'] },
  recovery_address_code: { purse: 'contact_code', media: ['sms', 'mail'], values: ['code', 'minutes', 'hours'] },
  /** To a telephone or mailbox that is to be the account's own. */
  contact_code: { purse: 'contact_code', media: ['sms', 'mail'], values: ['code', 'minutes', 'hours'] },
  contact_changed: { purse: 'alarm', media: ['sms', 'mail'], values: ['address'] },
  contact_removed: { purse: 'alarm', media: ['sms', 'mail'], values: ['address'] },
  /** Locks the account of whoever types it, and does nothing else. */
  lock_code: { purse: 'lock_code', media: ['sms'], values: ['code', 'minutes', 'hours'] },
  recovery_started: { purse: 'alarm', media: ['sms', 'mail'], values: ['cancel'] },
  recovery_waiting: { purse: 'alarm', media: ['sms', 'mail'], values: ['cancel', 'until'] },
  recovery_ready: { purse: 'alarm', media: ['sms', 'mail'], values: ['cancel'] },
  recovery_completed: { purse: 'alarm', media: ['sms', 'mail'], values: ['cancel'] },
  recovery_cancelled: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  recovery_addresses_changed: { purse: 'alarm', media: ['sms', 'mail'], values: ['address'] },
  authenticator_changed: { purse: 'alarm', media: ['sms', 'mail'], values: ['authenticator'] },
  account_locked: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  /** Somebody said of a sign-in that it was not theirs. */
  sign_in_disowned: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  /** An officer has taken a data request up, and says by when it is answered. */
  data_request_acknowledged: { purse: 'notice', media: ['sms', 'mail'], values: ['number', 'until'] },
  /** A data request was decided or extended; the words are behind a sign-in. */
  data_request_answered: { purse: 'notice', media: ['sms', 'mail'], values: ['number'] },
  /** After a recovery level 2 waits for an office. */
  level_lowered: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  /** Level 2 counts again: told until that was the counter's, whose own word is `level_2_at_counter`; read of what was sent then. */
  level_changed: { purse: 'notice', media: ['sms', 'mail'], values: ['level'] },
  /** The policy that gave level 2 was withdrawn, and by today's rules it does not count. */
  level_withdrawn: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  /** Level 2, or level 2 once more, in presence: whatever signed in before does so no more. */
  level_2_at_counter: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  /** Nobody came back to bind anything after that. */
  counter_binding_lapsed: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  /** Somebody proved from home, with card and face, that they are this person; and it counts no more. */
  remote_proofing_completed: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  remote_proofing_ended: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  /** A browser that this person was never seen with. */
  sign_in_unusual: { purse: 'sign_in', media: ['sms', 'mail'], values: ['device'] },
  /** Without the passkey or card that the last ones were made with. */
  sign_in_weaker: { purse: 'sign_in', media: ['sms', 'mail'], values: ['device'] },
  account_closed: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  account_unlocked: { purse: 'alarm', media: ['sms', 'mail'], values: [] },
  /** What the register has changed of a person; the new words are behind a sign-in. */
  name_corrected: { purse: 'notice', media: ['sms', 'mail'], values: [] },
  number_changed: { purse: 'notice', media: ['sms', 'mail'], values: [] },
} as const satisfies Record<string, { purse: Purse; media: readonly Medium[]; values: readonly string[] }>;

/** What tells of an account that nobody can lock any more. */
export const AFTER_ALL: ReadonlySet<NoticeKind> = new Set(['account_locked', 'account_closed']);

/**
 * What says by itself how the account is locked, and so that an office alone opens it: whoever has just recovered it lifts what a code
 * from `/lock` has locked.
 */
export const WITH_A_LOCK: ReadonlySet<NoticeKind> = new Set(['recovery_completed']);

/** What holds a code or a link that stands nowhere else: it waits for its turn, and is never folded into another. */
export const OF_THEIR_OWN: ReadonlySet<NoticeKind> = new Set([
  'operator_invited',
  'application_approved',
  'application_in_your_name',
  'application_reissued_in_your_name',
  'recovery_started',
  'recovery_waiting',
  'recovery_ready',
  'recovery_completed',
]);

/** What leads to stopping a recovery: once that has ended, it waits for no room. */
export const WHILE_IT_LASTS: ReadonlySet<NoticeKind> = new Set([
  'recovery_started',
  'recovery_waiting',
  'recovery_ready',
]);

/** What a message is about. */
export type NoticeKind = keyof typeof NOTICES;

/** The values that the sentence of a kind needs. */
export type NoticeValues<Kind extends NoticeKind> = Readonly<
  Record<(typeof NOTICES)[Kind]['values'][number], string | number>
> &
  MessageValues;

/** The key of the words of a kind. */
export const wordsOf = (kind: NoticeKind, part: 'sms' | 'mail.subject' | 'mail.body'): string =>
  `notices.${kind.replaceAll('_', '-')}.${part}`;

/** One message to one address. */
export interface Notice<Kind extends NoticeKind> {
  readonly kind: Kind;
  readonly to: { readonly medium: Medium; readonly address: string };
  readonly locale: 'vi' | 'en';
  /** Whom a mail greets. */
  readonly name?: string;
  readonly values: NoticeValues<Kind>;
  readonly subscriberId?: string;
}

/** A notice of some kind, with the values of that kind. */
export type AnyNotice = { [Kind in NoticeKind]: Notice<Kind> }[NoticeKind];

/** Where somebody can be reached: the addresses that were confirmed. */
export interface Reachable {
  readonly id: string;
  readonly locale: 'vi' | 'en';
  readonly fullName: string;
  readonly phone?: string;
  readonly phoneVerified?: boolean;
  readonly email?: string;
  readonly emailVerified?: boolean;
  /** Confirmed for a recovery, beside those of the account. Never left out: whoever has a second address is told there too. */
  readonly recoveryAddresses: readonly AnyNotice['to'][];
}

/** The confirmed addresses of a person: a notice goes to all of them (NIST SP 800-63B-4 §4.6). */
export const addressesOf = (person: Reachable): AnyNotice['to'][] => {
  const all = [
    ...(person.phone !== undefined && person.phoneVerified ? [{ medium: 'sms' as const, address: person.phone }] : []),
    ...(person.email !== undefined && person.emailVerified ? [{ medium: 'mail' as const, address: person.email }] : []),
    ...person.recoveryAddresses,
  ];
  return all.filter(({ address }, index) => all.findIndex((one) => one.address === address) === index);
};

/** `+84 ••• ••• 101`, `a•••@example.vn`: enough to recognise one's own. */
export const maskedAddress = ({ medium, address }: AnyNotice['to']): string =>
  medium === 'sms'
    ? `${address.slice(0, 3)} ••• ••• ${address.slice(-3)}`
    : address.replace(/^(.).*(@.*)$/u, (_, first: string, rest: string) => `${first}•••${rest}`);
