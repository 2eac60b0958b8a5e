import { z } from 'zod';
import { parseIdentifier } from '../../../domain/subscribers/index.ts';
import { type FieldErrors, fields, parseForm } from '../../../platform/forms.ts';
import { formOf } from '../page-parts.ts';
import { confirmAddressPage } from '../recovery/models.ts';
import type { Visitor } from '../visitor.ts';

/** Addresses as people type them, and the page of the code that went to one: the account's own, and those for a recovery. */
const phoneForm = z.object({ phone: z.string('account.recovery.phone.form').max(64) });
const mailForm = z.object({ email: z.email('account.recovery.email.form').max(254) });
const confirmForm = z.object({
  medium: z.enum(['sms', 'mail']),
  challenge: z.string().max(4096),
  to: z.string().max(260).default(''),
  code: fields.code,
});

type Medium = 'sms' | 'mail';
type Typed =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly errors: FieldErrors; readonly entered: string };

/** A telephone, in normal form. */
export function typedPhone({ ctx }: Visitor): Typed {
  const parsed = parseForm(ctx, phoneForm);
  const entered = parsed.ok ? parsed.values.phone : '';
  const understood = parseIdentifier(entered);
  return understood?.kind === 'phone'
    ? { ok: true, address: understood.value }
    : { ok: false, errors: { phone: 'account.recovery.phone.form' }, entered };
}

/** A mailbox. */
export function typedMail({ ctx }: Visitor): Typed {
  const parsed = parseForm(ctx, mailForm);
  return parsed.ok
    ? { ok: true, address: parsed.values.email }
    : { ok: false, errors: parsed.errors, entered: parsed.entered.email ?? '' };
}

/** Where a code is posted, under which act, and where somebody goes who has none. */
export interface Confirming {
  readonly action: string;
  readonly act: string;
  readonly backUrl: string;
}

/** What such a page has been given: it comes back with it. */
export interface CodeSent {
  readonly medium: Medium;
  readonly to: string;
  readonly challenge: string;
}

/** The page of a code. */
export function confirmPage(
  visitor: Visitor,
  { action, act, backUrl }: Confirming,
  { medium, to, challenge, errors = {} }: CodeSent & { readonly errors?: FieldErrors },
): void {
  const model = { ...{ errors, medium, masked: to, challengeId: challenge }, backUrl };
  const form = formOf(visitor, action, act);
  visitor.parts.views.show(visitor.ctx, confirmAddressPage, { ...form, ...model }, { path: null });
}

/** The code that was typed; nothing when the page was shown again, or is none of ours. */
export function typedCode(
  visitor: Visitor,
): (CodeSent & { readonly code: string }) | (CodeSent & { readonly errors: FieldErrors }) | undefined {
  const parsed = parseForm(visitor.ctx, confirmForm);
  if (parsed.ok) return parsed.values;
  const { medium, to = '', challenge = '' } = parsed.entered;
  if (!parsed.errors.code || (medium !== 'sms' && medium !== 'mail')) return undefined;
  return { medium, to, challenge, errors: parsed.errors };
}
