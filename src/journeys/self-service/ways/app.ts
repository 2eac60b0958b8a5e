import { z } from 'zod';
import { type FieldErrors, fields, parseForm } from '../../../platform/forms.ts';
import { drawn } from '../../card-reading.ts';
import { formOf, goTo } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { asked, toBind } from './binding.ts';
import { appPage } from './models.ts';

const [NEW, PATH] = ['/account/app/new', '/account/app'];

/** The page comes back with what it was given, so that a mistyped code does not mean another secret to be scanned. */
const shownBefore = z.object({
  challenge: z.string().max(4096),
  uri: z
    .string()
    .max(1_000)
    .regex(/^otpauth:\/\/totp\/[^\s?]+\?\S+$/)
    .refine((uri) => secretIn(uri) !== ''),
});
const codeForm = z.object({ code: fields.code });

const secretIn = (uri: string): string => /[?&]secret=([A-Z2-7]{16,64})(?:&|$)/.exec(uri)?.[1] ?? '';

/** A new secret for an authenticator app, after a fresh proof. What there was stays good until this one counts. */
export async function showAddApp(visitor: Visitor): Promise<void> {
  const begun = await visitor.parts.authenticators.begin({
    ...{ kind: 'totp', purpose: 'bind', ...asked(visitor) },
    subscriber: await toBind(visitor),
  });
  if (!begun.begun) return sendToStepUp(visitor, 'add-app');
  return show(visitor, { challenge: begun.challengeId ?? '', uri: (begun.request as { uri: string }).uri });
}

async function show(
  visitor: Visitor,
  { challenge, uri }: z.infer<typeof shownBefore>,
  errors: FieldErrors = {},
): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const bound = await parts.authenticators.of(subscriber.id);
  const model = {
    ...formOf(visitor, PATH, 'add-app'),
    ...{ errors, challengeId: challenge, uri, qr: drawn(uri), backUrl: '/account/authenticators' },
    secret: secretIn(uri).replace(/.{4}(?=.)/g, '$& '),
    changes: bound.some(({ kind }) => kind === 'totp'),
  };
  parts.views.show(ctx, appPage, model, { path: null });
}

/** The first code of the app: it counts from now on, and where it takes the place of another, other sessions end. */
export async function addApp(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber, sessionUid } = visitor;
  const before = shownBefore.safeParse(ctx.request.body);
  if (!before.success) return goTo(visitor, NEW);
  const parsed = parseForm(ctx, codeForm);
  if (!parsed.ok) return show(visitor, before.data, parsed.errors);
  const verdict = await parts.authenticators.bind({
    ...{ kind: 'totp', ...asked(visitor), challengeId: before.data.challenge, response: parsed.values },
    subscriber: await toBind(visitor),
    ending: () => parts.endingOthers(subscriber.id, sessionUid),
  });
  if (verdict.verified) return goTo(visitor, '/account/authenticators?notice=app-added');
  if (verdict.reason === 'step_up_needed') return sendToStepUp(visitor, 'add-app');
  // The page was open too long, or too many codes were tried against it: another secret.
  if (verdict.reason !== 'wrong' && verdict.reason !== 'malformed') return goTo(visitor, NEW);
  return show(visitor, before.data, { code: 'rejected.code.wrong' });
}
