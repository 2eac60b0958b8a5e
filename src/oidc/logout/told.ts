import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { type Deliveries, type ToldParty, toldParties } from '../../domain/deliveries/index.ts';
import type { RelyingParties } from '../../domain/relying-parties/index.ts';
import type { Clock } from '../../platform/clock.ts';
import { notesOf } from '../../platform/request.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { UnitsOfWork } from '../../platform/unit-of-work.ts';
import { signOutOf } from './backchannel-logout.ts';

/** Who was told of a sign-out, for the browser that signed out and for nobody else. */
export interface Told {
  /** Leaves a reference with the browser when its sign-out tells somebody. */
  readonly remembers: Middleware;
  /** How far it is. The page that shows it loads itself anew for half a minute while somebody has yet to answer. */
  show(ctx: KoaContextWithOIDC): Promise<{ told: ToldParty[]; waits: boolean }>;
}

/** What it works with. */
export interface ToldParts {
  readonly deliveries: Pick<Deliveries, 'ofSignOut'>;
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly units: Pick<UnitsOfWork, 'current'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly issuer: string;
}

/** Seconds. */
const REMEMBERED_FOR = 600;
const RELOADED_FOR = 30;
const RELOAD_EVERY = 3;

const CONTEXT = 'sign-out';

/**
 * The reference is sealed in a cookie that only the pages of signing out get back, for ten minutes: no address names it, and
 * once everybody has been heard of it is taken away, so that whoever uses a shared computer next reads nothing of it.
 */
export function createTold(parts: ToldParts): Told {
  const { deliveries, relyingParties, units, sealer, clock } = parts;
  const secure = parts.issuer.startsWith('https:');
  const name = secure ? '__Secure-senid-signed-out' : 'senid-signed-out';
  // By hand: the cookie library refuses `Secure` behind a proxy that nobody has named.
  const leave = (ctx: Pick<Context, 'append'>, value: string, age: number): void =>
    ctx.append(
      'Set-Cookie',
      `${name}=${value}; Path=/logout; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    );

  const remembered = (ctx: Pick<Context, 'cookies'>): string | undefined => {
    const value = ctx.cookies.get(name, { signed: false });
    if (!value) return undefined;
    try {
      const { signOut, until } = JSON.parse(sealer.openText(value, CONTEXT));
      return clock.now().getTime() < until ? signOut : undefined;
    } catch {
      // Not of our making, or from before a change of keys: the page says what it says without.
      return undefined;
    }
  };

  return {
    remembers: async (ctx, next) => {
      await next();
      const signOut = signOutOf(units.current());
      if (!signOut || ctx.status !== 303) return;
      const until = clock.now().getTime() + REMEMBERED_FOR * 1000;
      leave(ctx, sealer.sealText(JSON.stringify({ signOut, until }), CONTEXT), REMEMBERED_FOR);
    },
    async show(ctx) {
      const signOut = remembered(ctx);
      const entries = signOut ? await deliveries.ofSignOut(signOut) : [];
      const { locale } = notesOf(ctx.req);
      const told = await toldParties(
        entries,
        async (clientId) => (await relyingParties.find(clientId))?.relyingParty.name[locale] ?? clientId,
      );
      const waits = entries.some(({ state }) => state === 'waiting' || state === 'retrying');
      const age = (clock.now().getTime() - (entries[0]?.queuedAt.getTime() ?? 0)) / 1000;
      if (waits && age < RELOADED_FOR) ctx.set('Refresh', String(RELOAD_EVERY));
      if (signOut && !waits) leave(ctx, '', 0);
      return { told, waits };
    },
  };
}
