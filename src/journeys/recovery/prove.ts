import { z } from 'zod';
import { isOnline, ONLINE_METHODS, type OnlineMethod, type ProofRejection } from '../../domain/recovery/index.ts';
import { parseIdentifier } from '../../domain/subscribers/index.ts';
import { EidError } from '../../platform/errors.ts';
import { type FieldErrors, fields, parseForm, pressed } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { provePage, provePasskeyPage } from './models.ts';
import { showIdentify, showMethods, showTooMany } from './standing.ts';
import { goTo, keepHolder, tokenOf, type Visit } from './visit.ts';

const identifierForm = z.object({ identifier: fields.identifier });
const methodForm = z.object({ identifier: z.string().max(64).default(''), method: z.string().max(20) });
const codeForm = methodForm.extend({ challenge: z.string().max(4096).default(''), code: z.string().max(100) });
const passkeyForm = methodForm.extend({ challenge: z.string().max(4096), response: fields.response });

/** The number or telephone was typed. Known or not, the same methods follow. */
export async function identify(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, identifierForm);
  if (!parsed.ok) return showIdentify(visit, { errors: parsed.errors, identifier: parsed.entered.identifier ?? '' });
  const { identifier } = parsed.values;
  if (!parseIdentifier(identifier))
    return showIdentify(visit, { errors: { identifier: 'fields.identifier.form' }, identifier });
  showMethods(visit, { identifier, methods: ONLINE_METHODS, proven: null });
}

/** A method was chosen. A code is sent where it can be; the page does not say whether it was. */
export async function chooseMethod(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, methodForm);
  if (!parsed.ok || !isOnline(parsed.values.method)) return goTo(visit, '/recover');
  return showProof(visit, parsed.values.method, parsed.values.identifier);
}

async function showProof(visit: Visit, method: OnlineMethod, identifier: string, error?: Message): Promise<void> {
  const { ctx, parts, token, holder, locale } = visit;
  const claim = holder === undefined ? { identifier } : { holder };
  const asked = await parts.recoveries.ask({ method, sessionKey: token, address: ctx.ip, locale, ...claim });
  if (!asked.asked)
    return asked.reason === 'over'
      ? goTo(visit, '/recover?notice=over')
      : showTooMany(visit, identifier, asked.retryAfter);
  if (method !== 'passkey')
    return showCode(visit, { method, identifier, challengeId: asked.challengeId ?? '', ...(error ? { error } : {}) });
  const action = '/recover/passkey';
  const model = {
    action,
    csrf: tokenOf(visit, action),
    errors: (error ? { passkey: error } : {}) as FieldErrors,
    identifier,
  };
  const prompt = { challengeId: asked.challengeId ?? '', options: asked.options ?? {} };
  parts.views.show(ctx, provePasskeyPage, { ...model, ...prompt }, { path: null });
}

function showCode(
  visit: Visit,
  shown: { method: Exclude<OnlineMethod, 'passkey'>; identifier: string; challengeId: string; error?: Message },
): void {
  const { error, ...rest } = shown;
  const action = '/recover/code';
  const model = {
    ...rest,
    action,
    csrf: tokenOf(visit, action),
    errors: (error ? { code: error } : {}) as FieldErrors,
  };
  visit.parts.views.show(visit.ctx, provePage, model, { path: null });
}

/** A code of the sheet, or one that came; or a new one is wanted. */
export async function takeCode(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, codeForm);
  if (!parsed.ok || !isOnline(parsed.values.method) || parsed.values.method === 'passkey')
    return goTo(visit, '/recover');
  const { method, identifier, challenge: challengeId, code } = parsed.values;
  if (pressed(visit.ctx, 'resend')) return showProof(visit, method, identifier);
  const reason = await prove(visit, { method, identifier, challengeId, response: { code } });
  if (reason) showCode(visit, { method, identifier, challengeId, error: refusalOf(reason) });
}

/** A passkey's answer. */
export async function takePasskey(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, passkeyForm);
  if (!parsed.ok) return goTo(visit, '/recover');
  const { identifier, challenge: challengeId, response } = parsed.values;
  const reason = await prove(visit, { method: 'passkey', identifier, challengeId, response });
  if (reason) return showProof(visit, 'passkey', identifier, refusalOf(reason, 'passkey'));
}

/** Proves, and goes where the recovery then stands; answers why not. */
async function prove(
  visit: Visit,
  answer: { method: OnlineMethod; identifier: string; challengeId: string; response: unknown },
): Promise<ProofRejection | undefined> {
  const { ctx, parts, token, holder, locale } = visit;
  const { identifier, ...rest } = answer;
  const claim = holder === undefined ? { identifier } : { holder };
  const proven = await parts.recoveries.prove({ ...rest, ...claim, sessionKey: token, address: ctx.ip, locale });
  if (proven.proven) {
    keepHolder(visit, proven.holder);
    goTo(visit, '/recover');
    return undefined;
  }
  const { reason, retryAfter } = proven;
  if (reason === 'busy') throw new EidError('http.busy', { status: 429, facts: { retryAfter: retryAfter ?? 60 } });
  if (reason === 'throttled') {
    await showTooMany(visit, identifier, retryAfter);
    return undefined;
  }
  if (reason === 'over' || reason === 'not_paired') {
    goTo(visit, '/recover?notice=refused');
    return undefined;
  }
  return reason;
}

/** One sentence for everything that was wrong: which of it says whether there is an account. */
const refusalOf = (reason: ProofRejection, kind: 'code' | 'passkey' = 'code'): Message => {
  if (reason === 'under_way') return 'recover.rejected.under-way';
  return reason === 'expired' || reason === 'replayed'
    ? `recover.rejected.${kind}.expired`
    : `recover.rejected.${kind}.wrong`;
};
