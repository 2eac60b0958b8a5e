import { z } from 'zod';
import { isPrinted, plainCode } from '../../domain/authenticators/index.ts';
import { type FieldErrors, parseForm } from '../../platform/forms.ts';
import { cancelledPage, cancelPage, continuePage } from './models.ts';
import { goTo, keepHolder, tokenOf, type Visit } from './visit.ts';

const OPEN = ['proven_one', 'waiting', 'ready'];
const AT = '/recover/cancel/:code';
const LOCK = '/recover/cancel/:code/lock';
const pathOf = ({ ctx }: Visit, pattern: string): string =>
  pattern.replace(':code', encodeURIComponent(ctx.params.code ?? ''));

/** From a notice. Nothing is stopped by being looked at: programs open the links of a mail before anybody reads it. */
export async function showCancel(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const found = await parts.recoveries.cancellable(ctx.params.code ?? '');
  if (found?.state === 'cancelled') return showCancelled(visit, true);
  if (!found || !OPEN.includes(found.state)) return showCancelled(visit, false);
  // The address holds a bearer value: the language link would carry it on.
  const model = { action: pathOf(visit, AT), csrf: tokenOf(visit, AT), errors: {} };
  parts.views.show(ctx, cancelPage, model, { path: null });
}

/** Stops it. Whoever has the code may; and may lock the account besides. */
export async function cancelByCode(visit: Visit): Promise<void> {
  await visit.parts.recoveries.cancel({ code: visit.ctx.params.code ?? '' });
  goTo(visit, pathOf(visit, AT));
}

function showCancelled(visit: Visit, mayLock: boolean, locked = false): void {
  const lock = mayLock && !locked ? { action: pathOf(visit, LOCK), csrf: tokenOf(visit, LOCK) } : null;
  visit.parts.views.show(visit.ctx, cancelledPage, { lock, locked }, { path: null });
}

/** A code may lock, and never unlock. */
export async function lockByCode(visit: Visit): Promise<void> {
  const locked = await visit.parts.recoveries.lock(visit.ctx.params.code ?? '');
  showCancelled(visit, false, locked);
}

/** The person who began it changes their mind. */
export async function cancelOwn(visit: Visit): Promise<void> {
  if (visit.holder !== undefined) await visit.parts.recoveries.cancel({ holder: visit.holder });
  keepHolder(visit, undefined);
  visit.parts.views.show(visit.ctx, cancelledPage, { lock: null, locked: false }, { path: null });
}

const codesForm = z.object({ first: z.string().max(40).default(''), second: z.string().max(40).default('') });

/** On another device, or with what two officers gave out. */
export function showContinue(visit: Visit, errors: FieldErrors = {}, entered = { first: '', second: '' }): void {
  const action = '/recover/continue';
  const model = { action, csrf: tokenOf(visit, action), errors, ...entered };
  visit.parts.views.show(visit.ctx, continuePage, model, { path: action });
}

export async function takeContinue(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, codesForm);
  const { first, second } = parsed.ok ? parsed.values : { first: '', second: '' };
  const code = plainCode(first + second);
  const stand = isPrinted(code) ? await visit.parts.recoveries.standing(code) : undefined;
  if (!stand) return showContinue(visit, { first: 'recover.continue.wrong' }, { first, second });
  keepHolder(visit, code);
  goTo(visit, '/recover');
}
