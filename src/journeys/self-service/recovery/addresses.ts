import { z } from 'zod';
import { maskedAddress } from '../../../domain/notices/index.ts';
import type { AddressRejection } from '../../../domain/recovery/index.ts';
import { parseIdentifier } from '../../../domain/subscribers/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { type FieldErrors, fields, parseForm } from '../../../platform/forms.ts';
import { formOf, goTo, noticeOf } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { confirmAddressPage, recoveryPage } from './models.ts';

const NOTICES = ['codes-made', 'address-confirmed', 'address-removed'];
const phoneForm = z.object({ phone: z.string('account.recovery.phone.form').max(64) });
const mailForm = z.object({ email: z.email('account.recovery.email.form').max(254) });
const confirmForm = z.object({
  medium: z.enum(['sms', 'mail']),
  challenge: z.string().max(4096),
  to: z.string().max(260).default(''),
  code: fields.code,
});

/** What stands ready should a telephone be lost: a sheet of codes, a second telephone, a second mailbox. */
export async function showRecovery(
  visitor: Visitor,
  { errors = {}, phone = '', email = '' }: { errors?: FieldErrors; phone?: string; email?: string } = {},
): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const bound = await parts.authenticators.of(subscriber.id);
  const addresses = await parts.recoveries.addresses.of(subscriber.id);
  const model = {
    ...{ errors, notice: noticeOf(visitor, NOTICES) },
    left: bound.find(({ kind }) => kind === 'recovery-code')?.sheet?.left ?? null,
    sheetUrl: '/account/recovery-codes/new',
    addresses: addresses.map((one) => ({ medium: one.medium, masked: maskedAddress(one), since: one.confirmedAt })),
    phone: { ...formOf(visitor, '/account/recovery/phone', 'recovery-phone'), entered: phone },
    mail: { ...formOf(visitor, '/account/recovery/e-mail', 'recovery-mail'), entered: email },
    remove: formOf(visitor, '/account/recovery/remove', 'recovery-remove'),
  };
  parts.views.show(ctx, recoveryPage, model, { path: '/account/recovery' });
}

/** A second telephone: a code goes to it. */
export async function addPhone(visitor: Visitor): Promise<void> {
  const parsed = parseForm(visitor.ctx, phoneForm);
  const entered = parsed.ok ? parsed.values.phone : '';
  const understood = parseIdentifier(entered);
  if (understood?.kind !== 'phone')
    return showRecovery(visitor, { errors: { phone: 'account.recovery.phone.form' }, phone: entered });
  return begin(visitor, 'sms', understood.value);
}

/** A second mailbox. */
export async function addMail(visitor: Visitor): Promise<void> {
  const parsed = parseForm(visitor.ctx, mailForm);
  if (!parsed.ok) return showRecovery(visitor, { errors: parsed.errors, email: parsed.entered.email ?? '' });
  return begin(visitor, 'mail', parsed.values.email);
}

const authorityOf = ({ proofs }: Visitor) => ({ by: 'subscriber', proofs }) as const;

async function begin(visitor: Visitor, medium: 'sms' | 'mail', address: string): Promise<void> {
  const { parts, subscriber, sessionUid: sessionKey } = visitor;
  const from = visitor.ctx.ip;
  const request = { subscriber, authority: authorityOf(visitor), sessionKey, medium, address, from };
  const begun = await parts.recoveries.addresses.begin(request);
  if (begun.begun)
    return confirmPage(visitor, { medium, to: maskedAddress({ medium, address }), challenge: begun.challenge });
  if (begun.reason === 'throttled')
    throw new EidError('http.busy', { status: 429, facts: { retryAfter: begun.retryAfter ?? 60 } });
  const field = medium === 'sms' ? 'phone' : 'email';
  return refused(visitor, begun.reason, { [field]: `account.recovery.${field}.known` });
}

function confirmPage(
  visitor: Visitor,
  { medium, to, challenge }: { medium: 'sms' | 'mail'; to: string; challenge: string },
  errors: FieldErrors = {},
): void {
  const model = { ...{ errors, medium, masked: to, challengeId: challenge }, backUrl: '/account/recovery' };
  const form = formOf(visitor, '/account/recovery/confirm', 'recovery-confirm');
  visitor.parts.views.show(visitor.ctx, confirmAddressPage, { ...form, ...model }, { path: null });
}

/** The code that came: the address counts from now on, and the others have heard of it. */
export async function confirmAddress(visitor: Visitor): Promise<void> {
  const parsed = parseForm(visitor.ctx, confirmForm);
  if (!parsed.ok) {
    const { medium, to = '', challenge = '' } = parsed.entered;
    if (!parsed.errors.code || (medium !== 'sms' && medium !== 'mail')) return goTo(visitor, '/account/recovery');
    return confirmPage(visitor, { medium, to, challenge }, parsed.errors);
  }
  const { medium, to, challenge, code } = parsed.values;
  const { parts, subscriber, sessionUid: sessionKey } = visitor;
  const request = { subscriber, authority: authorityOf(visitor), sessionKey, medium, challenge, code };
  const done = await parts.recoveries.addresses.confirm(request);
  if (done.confirmed) return goTo(visitor, '/account/recovery?notice=address-confirmed');
  if (done.reason === 'wrong') return confirmPage(visitor, { medium, to, challenge }, { code: 'rejected.code.wrong' });
  return refused(visitor, done.reason);
}

export async function removeAddress(visitor: Visitor): Promise<void> {
  const { medium } = (visitor.ctx.request.body ?? {}) as Record<string, string>;
  if (medium !== 'sms' && medium !== 'mail') return goTo(visitor, '/account/recovery');
  const { parts, subscriber } = visitor;
  const done = await parts.recoveries.addresses.remove({ subscriber, authority: authorityOf(visitor), medium });
  if (done.removed) return goTo(visitor, '/account/recovery?notice=address-removed');
  return refused(visitor, done.reason);
}

function refused(visitor: Visitor, reason: AddressRejection, errors: FieldErrors = {}): Promise<void> | void {
  return reason === 'step_up_needed' ? sendToStepUp(visitor, 'recovery') : showRecovery(visitor, { errors });
}
