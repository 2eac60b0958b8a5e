import { maskedAddress } from '../../../domain/notices/index.ts';
import type { AddressRejection } from '../../../domain/recovery/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import { authorityFor } from '../begun-change.ts';
import {
  addressFields,
  authorityOfCode,
  type Confirming,
  confirmPage,
  proveAnew,
  showConfirming,
  typedCode,
  typedMail,
  typedPhone,
} from '../contacts/address-forms.ts';
import { settlesAt } from '../contacts/contacts.ts';
import { formOf, goTo, noticeOf } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { asked } from '../ways/binding.ts';
import { recoveryPage } from './models.ts';

const NOTICES = ['codes-made', 'address-confirmed', 'address-removed'];
const CONFIRMING: Confirming = {
  action: '/account/recovery/confirm',
  act: 'recovery-confirm',
  target: 'confirm-recovery',
  backUrl: '/account/recovery',
};
const ACT = 'recovery-address';

/** What stands ready should a telephone be lost: a sheet of codes, a second telephone, a second mailbox. */
export async function showRecovery(
  visitor: Visitor,
  { errors = {}, phone = '', email = '' }: { errors?: FieldErrors; phone?: string; email?: string } = {},
): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const bound = await parts.authenticators.of(subscriber.id);
  const addresses = await parts.recoveries.addresses.of(subscriber.id);
  const fields = await addressFields(visitor, { act: ACT, target: 'recovery', errors });
  const model = {
    ...{ errors: fields.errors, stepUpUrl: fields.stepUpUrl, notice: noticeOf(visitor, NOTICES) },
    left: bound.find(({ kind }) => kind === 'recovery-code')?.sheet?.left ?? null,
    sheetUrl: '/account/recovery-codes/new',
    addresses: addresses.map((one) => ({
      ...{ medium: one.medium, masked: maskedAddress(one), since: one.confirmedAt },
      settlesAt: settlesAt(visitor, one.confirmedAt.toISOString()),
    })),
    phone: fields.field('/account/recovery/phone', 'recovery-phone', phone),
    mail: fields.field('/account/recovery/e-mail', 'recovery-mail', email),
    remove: formOf(visitor, '/account/recovery/remove', 'recovery-remove'),
  };
  parts.views.show(ctx, recoveryPage, model, { path: '/account/recovery' });
}

/** A second telephone: a code goes to it. */
export async function addPhone(visitor: Visitor): Promise<void> {
  const typed = typedPhone(visitor);
  if (!typed.ok) return showRecovery(visitor, { errors: typed.errors, phone: typed.entered });
  return begin(visitor, 'sms', typed.address);
}

/** A second mailbox. */
export async function addMail(visitor: Visitor): Promise<void> {
  const typed = typedMail(visitor);
  if (!typed.ok) return showRecovery(visitor, { errors: typed.errors, email: typed.entered });
  return begin(visitor, 'mail', typed.address);
}

async function begin(visitor: Visitor, medium: 'sms' | 'mail', address: string): Promise<void> {
  const { parts, subscriber, sessionUid: sessionKey } = visitor;
  const from = visitor.ctx.ip;
  const authority = authorityFor(visitor, ACT);
  const request = { subscriber, authority, sessionKey, medium, address, from };
  const begun = await parts.recoveries.addresses.begin(request);
  const to = maskedAddress({ medium, address });
  if (begun.begun) return confirmPage(visitor, CONFIRMING, { medium, to, challenge: begun.challenge, from: authority });
  if (begun.reason === 'throttled')
    throw new EidError('http.busy', { status: 429, facts: { retryAfter: begun.retryAfter ?? 60 } });
  const field = medium === 'sms' ? 'phone' : 'email';
  return refused(visitor, begun.reason, { [field]: `account.recovery.${field}.known` });
}

/** Back from a fresh proof, to the code that came meanwhile. */
export const showConfirmAddress = (visitor: Visitor): Promise<void> => showConfirming(visitor, CONFIRMING);

/** The code that came: the address counts from now on, and the others have heard of it. */
export async function confirmAddress(visitor: Visitor): Promise<void> {
  const typed = typedCode(visitor);
  if (!typed) return goTo(visitor, '/account/recovery');
  if (!('code' in typed)) return confirmPage(visitor, CONFIRMING, typed);
  const { medium, challenge, code } = typed;
  const { parts, subscriber, sessionUid: sessionKey } = visitor;
  const authority = authorityOfCode(visitor, CONFIRMING, typed);
  const request = { subscriber, authority, sessionKey, medium, challenge, code };
  const done = await parts.recoveries.addresses.confirm(request);
  if (done.confirmed) return goTo(visitor, '/account/recovery?notice=address-confirmed');
  if (done.reason === 'step_up_needed') return proveAnew(visitor, CONFIRMING, typed);
  if (done.reason === 'wrong')
    return confirmPage(visitor, CONFIRMING, { ...typed, errors: { code: 'rejected.code.wrong' } });
  return refused(visitor, done.reason);
}

export async function removeAddress(visitor: Visitor): Promise<void> {
  const { medium } = (visitor.ctx.request.body ?? {}) as Record<string, string>;
  if (medium !== 'sms' && medium !== 'mail') return goTo(visitor, '/account/recovery');
  const { parts, subscriber } = visitor;
  const { authority } = asked(visitor);
  const done = await parts.recoveries.addresses.remove({ subscriber, authority, medium });
  if (done.removed) return goTo(visitor, '/account/recovery?notice=address-removed');
  return refused(visitor, done.reason);
}

function refused(visitor: Visitor, reason: AddressRejection, errors: FieldErrors = {}): Promise<void> | void {
  return reason === 'step_up_needed' ? sendToStepUp(visitor, 'recovery') : showRecovery(visitor, { errors });
}
