import { z } from 'zod';
import { type Authority, FORM_SECONDS } from '../../../domain/authenticators/index.ts';
import { parseIdentifier } from '../../../domain/subscribers/index.ts';
import { type FieldErrors, fields, parseForm } from '../../../platform/forms.ts';
import { authorityFor, beginsChange, kept, keptPage } from '../begun-change.ts';
import { formOf, goTo } from '../page-parts.ts';
import { confirmAddressPage } from '../recovery/models.ts';
import { sendToStepUp, stepUpUrl, type Visitor } from '../visitor.ts';
import type { AddressForm } from './models.ts';

/** Addresses as people type them, and the page of the code that went to one: the account's own, and those for a recovery. */
const phoneForm = z.object({ phone: z.string('account.recovery.phone.form').max(64) });
const mailForm = z.object({ email: z.email('account.recovery.email.form').max(254) });
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

/** What a page of addresses shows of its fields: none before a fresh proof, which would lose what was typed. */
export interface AddressFields {
  readonly errors: FieldErrors;
  readonly stepUpUrl: string | null;
  field(action: string, act: string, entered: string): AddressForm | null;
}

/** The fields of a page, whose forms are one act: an address of this purpose. */
export async function addressFields(
  visitor: Visitor,
  { act, target, errors }: { readonly act: string; readonly target: string; readonly errors: FieldErrors },
): Promise<AddressFields> {
  const begun = await beginsChange(visitor, act, { seconds: FORM_SECONDS });
  if (begun !== undefined) {
    const field = (action: string, token: string, entered: string) => ({
      ...{ ...formOf(visitor, action, token), entered, begun },
    });
    return { errors, stepUpUrl: null, field };
  }
  // Said of the page: there is no field that it could stand beside.
  const [first] = Object.values(errors);
  const said = first === undefined ? {} : { form: first };
  return { errors: said, stepUpUrl: await stepUpUrl(visitor, target), field: () => null };
}

/** Where a code is posted, under which act, where somebody comes back to its page, and where they go who have none. */
export interface Confirming {
  readonly action: string;
  readonly act: string;
  readonly target: string;
  readonly backUrl: string;
}

/** What such a page has been given: it comes back with it. */
const codeSent = z.object({
  medium: z.enum(['sms', 'mail']),
  to: z.string().max(260).default(''),
  challenge: z.string().max(4096),
});
export type CodeSent = z.infer<typeof codeSent>;

/** What finishes it: the code of this challenge, and no other. */
const finishing = ({ act }: Confirming, { challenge }: CodeSent): string => `${act} ${challenge}`;

/** With what a code is taken: for an hour with what it was asked for with, after that with fresh proofs. */
export const authorityOfCode = (visitor: Visitor, confirming: Confirming, sent: CodeSent): Authority =>
  authorityFor(visitor, finishing(confirming, sent));

/** The page of a code. `from`: the form that asked for it. */
export async function confirmPage(
  visitor: Visitor,
  confirming: Confirming,
  sent: CodeSent & { readonly errors?: FieldErrors; readonly from?: Authority },
): Promise<void> {
  const { medium, to, challenge, errors = {}, from } = sent;
  const begun = await beginsChange(visitor, finishing(confirming, sent), from ? { from } : {});
  if (begun === undefined) return proveAnew(visitor, confirming, sent);
  const model = { ...{ errors, medium, masked: to, challengeId: challenge, begun }, backUrl: confirming.backUrl };
  const form = formOf(visitor, confirming.action, confirming.act);
  visitor.parts.views.show(visitor.ctx, confirmAddressPage, { ...form, ...model }, { path: null });
}

/** A fresh proof, and back to the page of the code, which is good for longer than what it was asked for with. */
export const proveAnew = (visitor: Visitor, { target }: Confirming, { medium, to, challenge }: CodeSent) =>
  sendToStepUp(visitor, kept(visitor, target, { medium, to, challenge }));

/** Somebody is back there. */
export async function showConfirming(visitor: Visitor, confirming: Confirming): Promise<void> {
  const sent = codeSent.safeParse(keptPage(visitor, confirming.target));
  return sent.success ? confirmPage(visitor, confirming, sent.data) : goTo(visitor, confirming.backUrl);
}

const confirmForm = codeSent.extend({ code: fields.code });

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
