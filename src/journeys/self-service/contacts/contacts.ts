import type { ContactRejection } from '../../../domain/contacts/index.ts';
import { maskedAddress } from '../../../domain/notices/index.ts';
import { hasSettled, SETTLES_AFTER_HOURS } from '../../../domain/subscribers/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import { authorityFor } from '../begun-change.ts';
import { formOf, goTo, noticeOf } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { asked } from '../ways/binding.ts';
import {
  addressFields,
  authorityOfCode,
  type CodeSent,
  type Confirming,
  confirmPage,
  proveAnew,
  showConfirming,
  typedCode,
  typedMail,
  typedPhone,
} from './address-forms.ts';
import { type Contact, contactsPage } from './models.ts';

const PATH = '/account/contacts';
const NOTICES = ['contact-changed', 'contact-removed'];
const CONFIRMING: Confirming = {
  action: `${PATH}/confirm`,
  act: 'contact-confirm',
  target: 'confirm-contact',
  backUrl: PATH,
};
const ACT = 'contact-address';
const FIELD = { sms: 'phone', mail: 'email' } as const;

/** Where I am reached, and how that is changed: once there is a fresh proof, which would lose what was typed before it. */
export async function showContacts(
  visitor: Visitor,
  { errors = {}, phone = '', email = '' }: { errors?: FieldErrors; phone?: string; email?: string } = {},
): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const { changesPhones } = parts.contacts;
  const shown = (medium: 'sms' | 'mail', address: string | undefined, more: Pick<Contact, 'confirmed'>, at?: string) =>
    address === undefined
      ? null
      : { masked: maskedAddress({ medium, address }), ...more, settlesAt: settlesAt(visitor, at) };
  const fields = await addressFields(visitor, { act: ACT, target: 'contacts', errors });
  const model = {
    ...{ errors: fields.errors, stepUpUrl: fields.stepUpUrl },
    ...{ notice: noticeOf(visitor, NOTICES), recoveryUrl: '/account/recovery' },
    phone: shown('sms', subscriber.phone, { confirmed: subscriber.phoneVerified === true }, subscriber.phoneChangedAt),
    mail: shown('mail', subscriber.email, { confirmed: subscriber.emailVerified === true }, subscriber.emailChangedAt),
    changesPhones,
    changePhone: changesPhones ? fields.field(`${PATH}/phone`, 'contact-phone', phone) : null,
    changeMail: fields.field(`${PATH}/e-mail`, 'contact-mail', email),
    remove: formOf(visitor, `${PATH}/remove`, 'contact-remove'),
  };
  parts.views.show(ctx, contactsPage, model, { path: PATH });
}

/** From when an address that was changed then recovers the account; `null` where it does so already. */
export function settlesAt({ parts }: Visitor, changedAt: string | undefined): Date | null {
  if (changedAt === undefined || hasSettled(changedAt, parts.clock.now())) return null;
  return new Date(Date.parse(changedAt) + SETTLES_AFTER_HOURS * 3_600_000);
}

/** Another telephone of one's own: a code goes to it. */
export async function changePhone(visitor: Visitor): Promise<void> {
  const typed = typedPhone(visitor);
  if (!typed.ok) return showContacts(visitor, { errors: typed.errors, phone: typed.entered });
  return begin(visitor, 'sms', typed.address);
}

/** A mailbox, or another one. */
export async function changeMail(visitor: Visitor): Promise<void> {
  const typed = typedMail(visitor);
  if (!typed.ok) return showContacts(visitor, { errors: typed.errors, email: typed.entered });
  return begin(visitor, 'mail', typed.address);
}

async function begin(visitor: Visitor, medium: 'sms' | 'mail', address: string): Promise<void> {
  const { ctx, parts, subscriber, sessionUid: sessionKey } = visitor;
  const authority = authorityFor(visitor, ACT);
  const begun = await parts.contacts.begin({ subscriber, sessionKey, authority, medium, address, from: ctx.ip });
  const to = maskedAddress({ medium, address });
  if (begun.begun) return confirmPage(visitor, CONFIRMING, { medium, to, challenge: begun.challenge, from: authority });
  if (begun.reason === 'throttled')
    throw new EidError('http.busy', { status: 429, facts: { retryAfter: begun.retryAfter ?? 60 } });
  return refused(visitor, begun.reason, medium);
}

/** Back from a fresh proof, to the code that came meanwhile. */
export const showConfirmContact = (visitor: Visitor): Promise<void> => showConfirming(visitor, CONFIRMING);

/** The code that came: the address is the account's from now on, and every one there was has heard of it. */
export async function confirmContact(visitor: Visitor): Promise<void> {
  const { parts, subscriber, sessionUid } = visitor;
  const typed = typedCode(visitor);
  if (!typed) return goTo(visitor, PATH);
  if (!('code' in typed)) return confirmPage(visitor, CONFIRMING, typed);
  const { medium, challenge, code } = typed;
  const done = await parts.contacts.confirm({
    ...{ subscriber, sessionKey: sessionUid, authority: authorityOfCode(visitor, CONFIRMING, typed) },
    ...{ medium, challenge, code },
    ending: () => parts.endingOthers(subscriber.id, sessionUid),
  });
  if (done.confirmed) return goTo(visitor, `${PATH}?notice=contact-changed`);
  if (done.reason === 'step_up_needed') return proveAnew(visitor, CONFIRMING, typed);
  // The code is still good: nothing was spent.
  if (done.reason === 'wrong') return again(visitor, typed, 'rejected.code.wrong');
  if (done.reason === 'silent') return again(visitor, typed, 'account.contacts.refused.silent');
  return refused(visitor, done.reason, medium);
}

const again = (visitor: Visitor, typed: CodeSent, code: string): Promise<void> =>
  confirmPage(visitor, CONFIRMING, { ...typed, errors: { code } });

/** An address that is none any more. */
export async function removeContact(visitor: Visitor): Promise<void> {
  const { medium } = (visitor.ctx.request.body ?? {}) as Record<string, string>;
  if (medium !== 'sms' && medium !== 'mail') return goTo(visitor, PATH);
  const { parts, subscriber } = visitor;
  const done = await parts.contacts.remove({ subscriber, authority: asked(visitor).authority, medium });
  if (done.removed) return goTo(visitor, `${PATH}?notice=contact-removed`);
  // Said of the page: the field is for what would come instead.
  return refused(visitor, done.reason, medium, 'form');
}

function refused(
  visitor: Visitor,
  reason: ContactRejection,
  medium: 'sms' | 'mail',
  field: string = FIELD[medium],
): Promise<void> | void {
  if (reason === 'step_up_needed') return sendToStepUp(visitor, 'contacts');
  if (reason === 'unknown') return goTo(visitor, PATH);
  const words =
    reason === 'already_known' ? `account.recovery.${FIELD[medium]}.known` : `account.contacts.refused.${reason}`;
  return showContacts(visitor, { errors: { [field]: words } });
}
