import { z } from 'zod';
import { type FieldErrors, fields, parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { formOf, goTo } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { asked, toBind } from './binding.ts';
import { passwordPage } from './models.ts';

const PATH = '/account/password';
const passwordForm = z.object({ password: fields.password });

/** Another password, or the first one, after a fresh proof; nothing is ever filled in. */
export async function showPassword(visitor: Visitor, errors: FieldErrors = {}): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const [begun, bound] = await Promise.all([ask(visitor), parts.authenticators.of(subscriber.id)]);
  if (!begun.begun) return sendToStepUp(visitor, 'password');
  const model = {
    ...formOf(visitor, PATH, 'password'),
    ...{ errors, least: leastOf(begun.request), backUrl: '/account/authenticators' },
    changes: bound.some(({ kind }) => kind === 'password'),
  };
  parts.views.show(ctx, passwordPage, model, { path: PATH });
}

const ask = async (visitor: Visitor) =>
  visitor.parts.authenticators.begin({
    ...{ kind: 'password', purpose: 'bind', ...asked(visitor) },
    subscriber: await toBind(visitor),
  });
const leastOf = (request: unknown): number => (request as { least: number }).least;

/** Takes it: by the rules of every password here. With a changed one every other session ends, in the same statement. */
export async function setPassword(visitor: Visitor): Promise<void> {
  const { parts, subscriber, sessionUid } = visitor;
  const parsed = parseForm(visitor.ctx, passwordForm);
  if (!parsed.ok) return showPassword(visitor, parsed.errors);
  const verdict = await parts.authenticators.bind({
    ...{ kind: 'password', ...asked(visitor), response: { password: parsed.values.password } },
    subscriber: await toBind(visitor),
    ending: () => parts.endingOthers(subscriber.id, sessionUid),
  });
  if (verdict.verified)
    return goTo(
      visitor,
      `/account/authenticators?notice=${verdict.endsOtherSessions ? 'password-changed' : 'password-added'}`,
    );
  if (verdict.reason === 'step_up_needed') return sendToStepUp(visitor, 'password');
  return showPassword(visitor, { password: await sentenceOf(visitor, verdict.reason) });
}

async function sentenceOf(visitor: Visitor, reason: string): Promise<Message> {
  if (reason !== 'too_short') return REJECTED[reason] ?? 'sign-up.password.other';
  const begun = await ask(visitor);
  return { key: 'account.password.too-short', values: { least: begun.begun ? leastOf(begun.request) : 0 } };
}

const REJECTED: Record<string, string> = {
  too_long: 'sign-up.password.too-long',
  too_common: 'sign-up.password.too-common',
  own_data: 'sign-up.password.own-data',
  busy: 'rejected.busy',
};
