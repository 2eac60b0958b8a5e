import { z } from 'zod';
import type { Issued } from '../../domain/applications/index.ts';
import { whomToBind } from '../../domain/authenticators/index.ts';
import { EidError } from '../../platform/errors.ts';
import { type FieldErrors, fields, parseForm } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { passkeyOptions, staysHere } from '../shared-machine.ts';
import { throttled } from '../throttled.ts';
import { longForm } from './after.ts';
import { codeForm, NOT_CONFIRMED, PAGES } from './form.ts';
import { activatedPage, activatePage, codePage, waysPage } from './models.ts';
import { askingOf, goTo, tokenOf, type Visit } from './visit.ts';

/** From the code of the message to the first authenticator. */
export const ACTIVATE = {
  code: '/sign-up/activate',
  phone: '/sign-up/activate/code',
  ways: '/sign-up/activate/way',
  passkey: '/sign-up/activate/passkey',
  password: '/sign-up/activate/password',
  done: '/sign-up/activated',
} as const;

export function showActivate(visit: Visit, errors: FieldErrors = {}, code = ''): void {
  const model = { action: ACTIVATE.code, csrf: tokenOf(visit, ACTIVATE.code), errors, code };
  visit.parts.views.show(visit.ctx, activatePage, model, { path: ACTIVATE.code });
}

export async function openActivation(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  const parsed = parseForm(ctx, longForm);
  if (!parsed.ok) return showActivate(visit, parsed.errors, parsed.entered.code ?? '');
  const opened = await parts.applications.openActivation(token, parsed.values.code, askingOf(visit));
  if (opened === 'closed') return showActivate(visit, { code: 'sign-up.long-code.unknown' }, parsed.values.code);
  if (!opened.asked) return showActivate(visit, { code: throttled(opened.retryAfter) }, parsed.values.code);
  goTo(visit, ACTIVATE.phone);
}

export function showActivationCode(visit: Visit, errors: FieldErrors = {}): void {
  const form = { action: ACTIVATE.phone, csrf: tokenOf(visit, ACTIVATE.phone), errors };
  const model = { ...form, step: null, lede: 'sign-up.activate.code.lede', resend: false, notice: null };
  visit.parts.views.show(visit.ctx, codePage, model, { path: ACTIVATE.phone });
}

export async function takeActivationCode(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, codeForm);
  if (!parsed.ok) return showActivationCode(visit, parsed.errors);
  const confirmed = await visit.parts.applications.confirmActivation(visit.token, parsed.values.code);
  if (confirmed !== 'confirmed') return showActivationCode(visit, { code: NOT_CONFIRMED[confirmed] });
  goTo(visit, ACTIVATE.ways);
}

/** What is signed for the browser that has activated. */
const activatedIn = ({ token }: Visit): string => `activated=${token}`;

const toBind = ({ accountId, ...issued }: Issued) => ({
  ...whomToBind({ id: accountId, ...issued }),
  phone: issued.phone,
});

export const showWays = (visit: Visit): Promise<void> => show(visit);

async function show(visit: Visit, errors: FieldErrors = {}): Promise<void> {
  const { ctx, parts, token } = visit;
  const issued = await parts.applications.issued(token);
  if (!issued) return goTo(visit, ACTIVATE.code);
  const begun = await parts.authenticators.begin({
    ...{ kind: 'passkey', purpose: 'bind', sessionKey: token, subscriberId: issued.accountId, locale: issued.locale },
    subscriber: toBind(issued),
    // The first authenticator of an account: the code of the message and that of the telephone stand for it.
    authority: { by: 'system' },
  });
  if (!begun.begun) throw new EidError('http.busy', { facts: { retryAfter: 5 } });
  parts.views.show(
    ctx,
    waysPage,
    {
      ...{ action: ACTIVATE.passkey, csrf: tokenOf(visit, ACTIVATE.passkey), errors },
      ...{ challengeId: begun.challengeId ?? '', options: passkeyOptions(ctx.req, begun.request as object) },
      password: { action: ACTIVATE.password, csrf: tokenOf(visit, ACTIVATE.password) },
    },
    { path: ACTIVATE.ways },
  );
}

/** The account is made; then its authenticator is bound and the application is done, in one act. Both can be done again. */
async function activate(
  visit: Visit,
  bind: (
    issued: Issued,
    writes: () => Promise<readonly Write[]>,
  ) => Promise<{ readonly bound: true } | { readonly bound: false; readonly errors: FieldErrors }>,
): Promise<void> {
  const { parts } = visit;
  const { applications, authenticators } = parts;
  const issued = await applications.issued(visit.token);
  if (!issued) return goTo(visit, ACTIVATE.code);
  if ((await applications.issue(visit.token)) === 'closed')
    return showActivate(visit, { form: 'sign-up.activate.closed' });
  const signsIn = async (): Promise<boolean> =>
    (await authenticators.of(issued.accountId)).some(({ kind }) => kind !== 'message-otp');
  const takenOver = (): void => showActivate(visit, { form: 'sign-up.activate.taken-over' });
  if (await signsIn()) {
    if ((await applications.activated(visit.token)) === 'taken_over') return takenOver();
  } else {
    const outcome = await applications.activating(visit.token, (writes) => bind(issued, writes));
    if (outcome === 'taken_over') return takenOver();
    // Of two of these at once the other one has bound; or it was stopped meanwhile, and nobody has.
    if (outcome === 'overtaken' && !(await signsIn())) return showActivate(visit, { form: 'sign-up.activate.closed' });
    if (outcome !== 'overtaken' && !outcome.bound && !(await signsIn())) return show(visit, outcome.errors);
  }
  goTo(visit, `${ACTIVATE.done}?did=${parts.cookieSigner.sign(activatedIn(visit))}`);
}

const passkeyForm = z.object({
  challenge: z.string().max(4096),
  response: fields.response,
  name: z.string().trim().max(60, 'fields.name.long').optional(),
});

export async function activateByPasskey(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, passkeyForm);
  if (!parsed.ok) return show(visit, { passkey: 'rejected.passkey.malformed' });
  const { challenge: challengeId, response, name } = parsed.values;
  if (staysHere(visit.ctx.req, response)) return show(visit, { passkey: 'kiosk.passkey.stays' });
  return activate(visit, async (issued, writes) => {
    const verdict = await visit.parts.authenticators.bind({
      ...{ kind: 'passkey', sessionKey: visit.token, challengeId, response },
      subscriber: toBind(issued),
      authority: { by: 'system' },
      along: { writes },
      ...(name ? { name } : {}),
    });
    if (verdict.verified) return { bound: true };
    return { bound: false, errors: { passkey: PASSKEY_REJECTED[verdict.reason] ?? 'rejected.passkey.malformed' } };
  });
}

const PASSKEY_REJECTED: Record<string, Message> = {
  expired: 'rejected.passkey.expired',
  replayed: 'rejected.passkey.replayed',
  already_bound: 'add-passkey.already-bound',
};

/** A password beside codes to the telephone that was confirmed: two factors, without a passkey. */
export async function activateByPassword(visit: Visit): Promise<void> {
  const { authenticators } = visit.parts;
  const parsed = parseForm(visit.ctx, z.object({ password: fields.password }));
  if (!parsed.ok) return show(visit, parsed.errors);
  return activate(visit, async (issued, writes) => {
    const verdict = await authenticators.bind({
      ...{ kind: 'password', sessionKey: visit.token, response: { password: parsed.values.password } },
      subscriber: toBind(issued),
      authority: { by: 'system' },
      along: { phone: issued.phone, writes },
    });
    if (verdict.verified) return { bound: true };
    if (verdict.reason === 'busy' || verdict.reason === 'throttled')
      throw new EidError('http.busy', { facts: { retryAfter: verdict.retryAfter ?? 5 } });
    return { bound: false, errors: { password: PASSWORD_REJECTED[verdict.reason] ?? 'sign-up.password.other' } };
  });
}

const PASSWORD_REJECTED: Record<string, Message> = {
  too_short: 'sign-up.password.too-short',
  too_long: 'sign-up.password.too-long',
  too_common: 'sign-up.password.too-common',
  own_data: 'sign-up.password.own-data',
};

export function showActivated(visit: Visit): void {
  const { ctx, parts } = visit;
  // Only who did it is told that it is done: the application has forgotten this browser by now.
  const [did] = [ctx.query.did].flat();
  if (parts.cookieSigner.verify(activatedIn(visit), did ?? ''))
    parts.views.show(ctx, activatedPage, { accountUrl: '/account' });
  else goTo(visit, PAGES.start);
}
