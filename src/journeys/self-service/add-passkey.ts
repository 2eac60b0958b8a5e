import { z } from 'zod';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { fields, parseForm } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { passkeyOptions, staysHere } from '../shared-machine.ts';
import { addPasskeyPage } from './models.ts';
import { sendToStepUp, type Visitor } from './visitor.ts';

const passkeyForm = z.object({
  challenge: z.string().max(4096),
  response: fields.response,
  name: z.string().trim().max(60, 'fields.name.long').optional(),
});

const toBind = (subscriber: Subscriber) => ({
  id: subscriber.id,
  // Never the number: this name is shown by passkey managers and synchronised with them.
  label: subscriber.fullName,
  displayName: subscriber.fullName,
  locale: subscriber.locale,
  ...(subscriber.phone ? { phone: subscriber.phone } : {}),
  ownData: [],
});

/** The browser's passkey prompt, after a fresh proof. */
export const showAddPasskey = (visitor: Visitor): Promise<void> => show(visitor);

async function show(visitor: Visitor, error?: Message): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const begun = await parts.authenticators.begin({
    kind: 'passkey',
    purpose: 'bind',
    sessionKey: visitor.sessionUid,
    subscriber: toBind(subscriber),
    subscriberId: subscriber.id,
    authority: { by: 'subscriber', proofs: visitor.proofs },
    locale: subscriber.locale,
  });
  if (!begun.begun) {
    if (begun.reason === 'step_up_needed') return sendToStepUp(visitor, 'add-passkey');
    return refused(visitor, begun.reason);
  }
  parts.views.show(
    ctx,
    addPasskeyPage,
    {
      action: '/account/passkeys',
      csrf: parts.csrf.token(visitor.sessionUid, 'add-passkey'),
      errors: error ? { passkey: error } : {},
      challengeId: begun.challengeId ?? '',
      options: passkeyOptions(ctx.req, begun.request as object),
      name: '',
      backUrl: '/account/authenticators',
    },
    { path: '/account/passkeys/new' },
  );
}

function refused({ ctx }: Visitor, _reason: string): void {
  ctx.status = 303;
  ctx.redirect('/account/authenticators');
  ctx.status = 303;
}

/** The new passkey: bound, told to the person's addresses, and every other session ended where the rule says so. */
export async function addPasskey(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const parsed = parseForm(ctx, passkeyForm);
  if (!parsed.ok) return show(visitor, 'rejected.passkey.malformed');
  const { challenge, response, name } = parsed.values;
  if (staysHere(ctx.req, response)) return show(visitor, 'kiosk.passkey.stays');
  const verdict = await parts.authenticators.bind({
    kind: 'passkey',
    sessionKey: visitor.sessionUid,
    challengeId: challenge,
    subscriber: toBind(subscriber),
    authority: { by: 'subscriber', proofs: visitor.proofs },
    response,
    ending: () => parts.endingOthers(subscriber.id, visitor.sessionUid),
    ...(name ? { name } : {}),
  });
  if (!verdict.verified) {
    if (verdict.reason === 'step_up_needed') return sendToStepUp(visitor, 'add-passkey');
    return show(visitor, BIND_REJECTED[verdict.reason] ?? 'rejected.passkey.malformed');
  }
  ctx.status = 303;
  ctx.redirect('/account/authenticators?notice=passkey-added');
  ctx.status = 303;
}

const BIND_REJECTED: Record<string, string> = {
  expired: 'rejected.passkey.expired',
  replayed: 'rejected.passkey.replayed',
  already_bound: 'add-passkey.already-bound',
  too_many: 'add-passkey.too-many',
};
