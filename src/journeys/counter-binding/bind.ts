import { z } from 'zod';
import { type BindRejection, type SubscriberToBind, whomToBind } from '../../domain/authenticators/index.ts';
import type { ToBindAtCounter } from '../../domain/counter/index.ts';
import { EidError } from '../../platform/errors.ts';
import { type FieldErrors, fields, parseForm } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { passkeyOptions, staysHere } from '../shared-machine.ts';
import { counterCodePage, counterDonePage, counterWaysPage } from './models.ts';
import { goTo, tokenOf, type Visit } from './visit.ts';

/** From the code of the counter to the first authenticator of level 2. */
export const BIND = {
  code: '/counter',
  ways: '/counter/way',
  passkey: '/counter/passkey',
  password: '/counter/password',
  done: '/counter/done',
} as const;

export function showCode(visit: Visit, errors: FieldErrors = {}, code = ''): void {
  const model = { action: BIND.code, csrf: tokenOf(visit, BIND.code), errors, code };
  const status = Object.keys(errors).length > 0 ? 422 : 200;
  visit.parts.views.show(visit.ctx, counterCodePage, model, { path: BIND.code, status });
}

const codeForm = z.object({ code: z.string('counter.code.missing').trim().min(1, 'counter.code.missing').max(60) });

/** The code is this browser's from now on, and opens nothing else. */
export async function takeCode(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, codeForm);
  if (!parsed.ok) return showCode(visit, parsed.errors, parsed.entered.code ?? '');
  const begun = await visit.parts.counter.begin(parsed.values.code, visit.token);
  return begun === 'begun' ? goTo(visit, BIND.ways) : showCode(visit, { code: NO_CODE[begun] }, parsed.values.code);
}

const toBind = ({ subscriber, identityNumber }: ToBindAtCounter): SubscriberToBind =>
  whomToBind({ ...subscriber, identityNumber });

export async function showWays(visit: Visit, errors: FieldErrors = {}): Promise<void> {
  const { ctx, parts, token } = visit;
  const person = await parts.counter.toBind(token);
  if (!person) return showCode(visit);
  const begun = await parts.authenticators.begin({
    ...{ kind: 'passkey', purpose: 'bind', sessionKey: token, subscriberId: person.subscriber.id },
    ...{ subscriber: toBind(person), locale: person.subscriber.locale },
    authority: { by: 'operator', operatorId: person.officer },
  });
  if (!begun.begun) throw new EidError('http.busy', { facts: { retryAfter: 5 } });
  parts.views.show(
    ctx,
    counterWaysPage,
    {
      ...{ action: BIND.passkey, csrf: tokenOf(visit, BIND.passkey), errors, name: person.subscriber.fullName },
      ...{ challengeId: begun.challengeId ?? '', options: passkeyOptions(ctx.req, begun.request as object) },
      password: person.card ? { action: BIND.password, csrf: tokenOf(visit, BIND.password) } : null,
      cardEnding: person.card?.documentNumber.slice(-3) ?? null,
    },
    { path: BIND.ways, status: Object.keys(errors).length > 0 ? 422 : 200 },
  );
}

type Chosen = {
  readonly kind: 'passkey' | 'password';
  readonly challengeId?: string;
  readonly response: unknown;
  readonly name?: string;
};

/** Bound with the card that was read, and the application is done, in one act. */
async function bind(visit: Visit, chosen: Chosen): Promise<void> {
  const { counter, authenticators, ending } = visit.parts;
  const person = await counter.toBind(visit.token);
  if (!person) return showCode(visit, { code: 'counter.code.closed' });
  const { card } = person;
  // A password alone would never come to level 2.
  if (chosen.kind === 'password' && !card) return showWays(visit);
  const verdict = await counter.binding(visit.token, (writes) =>
    authenticators.bind({
      ...{ ...chosen, sessionKey: visit.token, subscriber: toBind(person) },
      authority: { by: 'operator', operatorId: person.officer },
      ending: () => ending(person.subscriber.id),
      along: { lost: [], ...(card ? { card } : {}), writes },
    }),
  );
  if (verdict === 'closed' || verdict === 'handed_over') return showCode(visit, { code: NO_CODE[verdict] });
  if (verdict.verified) return goTo(visit, BIND.done);
  if (verdict.reason === 'busy') throw new EidError('http.busy', { facts: { retryAfter: verdict.retryAfter ?? 5 } });
  const words = chosen.kind === 'passkey' ? PASSKEY_REJECTED : PASSWORD_REJECTED;
  const other = chosen.kind === 'passkey' ? 'rejected.passkey.malformed' : 'sign-up.password.other';
  return showWays(visit, { [chosen.kind]: words[verdict.reason] ?? other });
}

const passkeyForm = z.object({
  challenge: z.string().max(4096),
  response: fields.response,
  name: z.string().trim().max(60, 'fields.name.long').optional(),
});

export async function byPasskey(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, passkeyForm);
  if (!parsed.ok) return showWays(visit, { passkey: 'rejected.passkey.malformed' });
  const { challenge: challengeId, response, name } = parsed.values;
  if (staysHere(visit.ctx.req, response)) return showWays(visit, { passkey: 'kiosk.passkey.stays' });
  return bind(visit, { kind: 'passkey', challengeId, response, ...(name ? { name } : {}) });
}

export async function byPassword(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, z.object({ password: fields.password }));
  if (!parsed.ok) return showWays(visit, parsed.errors);
  return bind(visit, { kind: 'password', response: { password: parsed.values.password } });
}

export function showDone({ ctx, parts }: Visit): void {
  parts.views.show(ctx, counterDonePage, { accountUrl: '/account' }, { path: BIND.done });
}

const NO_CODE = { closed: 'counter.code.closed', handed_over: 'counter.code.handed-over' } as const;

const PASSKEY_REJECTED: Partial<Record<BindRejection, Message>> = {
  expired: 'rejected.passkey.expired',
  replayed: 'rejected.passkey.replayed',
  already_bound: 'add-passkey.already-bound',
};

const PASSWORD_REJECTED: Partial<Record<BindRejection, Message>> = {
  too_short: 'sign-up.password.too-short',
  too_long: 'sign-up.password.too-long',
  too_common: 'sign-up.password.too-common',
  own_data: 'sign-up.password.own-data',
};
