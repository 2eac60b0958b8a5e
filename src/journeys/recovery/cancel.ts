import { z } from 'zod';
import { isPrinted, plainCode } from '../../domain/authenticators/index.ts';
import type { Cancellable, LinkGround } from '../../domain/recovery/index.ts';
import { type FieldErrors, parseForm } from '../../platform/forms.ts';
import { type Afterwards, afterwardsPage, cancelPage, continuePage, type WhyLock } from './models.ts';
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
  if (!found || !OPEN.includes(found.state)) return showAfterwards(visit, afterwards(visit, found));
  // The address holds a bearer value: the language link would carry it on.
  const model = { action: pathOf(visit, AT), csrf: tokenOf(visit, AT), errors: {} };
  parts.views.show(ctx, cancelPage, model, { path: null });
}

/** Stops it. Whoever has the code may; and may lock the account besides. */
export async function cancelByCode(visit: Visit): Promise<void> {
  await visit.parts.recoveries.cancel({ code: visit.ctx.params.code ?? '' });
  goTo(visit, pathOf(visit, AT));
}

function showAfterwards(visit: Visit, model: Afterwards): void {
  const title = `recover.afterwards.${model.fate}`;
  visit.parts.views.show(visit.ctx, afterwardsPage, model, { path: null, title });
}

const NOTHING: Afterwards = { fate: 'nothing', at: null, lock: null, hint: 'elsewhere' };

/** Who came too late must not read that nobody got in; who has no such link learns nothing. */
function afterwards(visit: Visit, found: Cancellable | undefined): Afterwards {
  if (found?.state !== 'cancelled' && found?.state !== 'completed') return NOTHING;
  const at = found.state === 'completed' ? (found.endedAt ?? null) : null;
  const common = { fate: found.state, at } as const;
  if (typeof found.lock === 'string')
    return { ...common, lock: null, hint: found.lock === 'locked' ? 'locked' : 'elsewhere' };
  const { until, ground } = found.lock;
  const why: WhyLock = ground === 'holder_request' ? 'half' : isHalf(found) ? 'passkey' : found.state;
  const lock = { action: pathOf(visit, LOCK), csrf: tokenOf(visit, LOCK), until, why };
  return { ...common, lock, hint: null };
}

const isHalf = ({ state, path }: Cancellable): boolean => state === 'cancelled' && path === undefined;

/** Whether an office alone opens it again; its holder is led to where they do. */
const LOCKED = {
  holder_request: { fate: 'locked-for-holder', hint: 'locked' },
  security_suspected: { fate: 'locked', hint: null },
} as const satisfies Record<LinkGround, Pick<Afterwards, 'fate' | 'hint'>>;

/** A code may lock, and never unlock. */
export async function lockByCode(visit: Visit): Promise<void> {
  const { recoveries } = visit.parts;
  const code = visit.ctx.params.code ?? '';
  const ground = await recoveries.lock(code);
  if (ground) return showAfterwards(visit, { ...NOTHING, ...LOCKED[ground] });
  const found = await recoveries.cancellable(code);
  if (!found) return showAfterwards(visit, NOTHING);
  if (OPEN.includes(found.state)) return goTo(visit, pathOf(visit, AT));
  if (found.lock === 'locked') return showAfterwards(visit, { ...NOTHING, fate: 'already-locked', hint: 'locked' });
  showAfterwards(visit, { ...NOTHING, fate: 'not-locked' });
}

/** The person who began it changes their mind. */
export async function cancelOwn(visit: Visit): Promise<void> {
  const { holder } = visit;
  const stopped = holder !== undefined && (await visit.parts.recoveries.cancel({ holder }));
  keepHolder(visit, undefined);
  if (!stopped) return goTo(visit, '/recover?notice=over');
  showAfterwards(visit, { ...NOTHING, fate: 'cancelled', hint: null });
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
