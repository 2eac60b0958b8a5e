import type { ParameterizedContext } from 'koa';
import type { EventDetail, JournalEvent } from '../domain/audit/index.ts';
import { notesOf } from '../platform/request.ts';
import type { Write } from '../platform/unit-of-work.ts';
import type { Domain } from './domain.ts';
import type { Foundation } from './foundation.ts';

/** Accounts that one browser remembers to have opened: a family shares a tablet. */
const MOST = 8;
const DAYS = 400;
/** Sign-ins in a row that make a habit. */
const USUAL = 3;

const STRONG = ['passkey', 'chip-card'];
const isStrong = ({ proofs }: EventDetail): boolean =>
  Array.isArray(proofs) && proofs.some((kind) => STRONG.includes(kind));
const deviceOf = ({ browser, system }: EventDetail): string => [browser, system].filter(Boolean).join(', ') || '?';

/**
 * Word of a sign-in that does not look like its owner's: from a browser that has never opened this account: it holds no mark
 * of it; or in a weaker way than the last ones. Who signs in where they always do costs nothing: the mark alone answers. The mark is a keyed hash of the account, of use to nobody, and decides nothing but whether somebody is told.
 */
export function createKnownBrowsers(
  { settings, sealer }: Pick<Foundation, 'settings' | 'sealer'>,
  { journal, subscribers, notices, recoveries }: Pick<Domain, 'journal' | 'subscribers' | 'notices' | 'recoveries'>,
) {
  const secure = settings.issuer.startsWith('https:');
  const name = `${secure ? '__Host-' : ''}senid-known`;
  const marks = sealer('known browsers');
  const markOf = (subscriberId: string): string =>
    marks.keyedHash(`known ${subscriberId}`).subarray(0, 12).toString('base64url');

  /** Whoever has always come with a passkey or the card comes without: somebody may hold the password and the telephone (abuse case 38). */
  async function weaker(subscriberId: string, detail: EventDetail): Promise<Write[]> {
    const before = await journal.query({ subscriberId, types: ['session.started'], limit: USUAL });
    if (before.length < USUAL || !before.every((one) => isStrong(one.detail ?? {}))) return [];
    const person = await subscribers.find(subscriberId);
    if (!person) return [];
    return notices.queueToAll('sign_in_weaker', await recoveries.addresses.reachable(person), {
      device: deviceOf(detail),
    });
  }

  return {
    /** A session has begun: remembers the browser, and tells the person where it is a new one. */
    async sessionStarted(
      ctx: Pick<ParameterizedContext, 'cookies' | 'append' | 'req'>,
      { subscriberId, detail = {} }: Pick<JournalEvent, 'subscriberId' | 'detail'>,
    ): Promise<Write[]> {
      if (subscriberId === undefined) return [];
      const mark = markOf(subscriberId);
      const known = (ctx.cookies.get(name, { signed: false }) ?? '')
        .split('.')
        .filter((one) => one.length === mark.length);
      if (known.includes(mark)) return isStrong(detail) ? [] : weaker(subscriberId, detail);
      // A machine that everybody uses keeps nothing of anybody.
      const isShared = notesOf(ctx.req).kiosk !== undefined;
      const kept = [mark, ...known].slice(0, MOST).join('.');
      const rest = `Path=/; Max-Age=${DAYS * 86_400}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
      if (!isShared) ctx.append('Set-Cookie', `${name}=${kept}; ${rest}`);
      // Somebody's first sign-in is nothing unusual: the way in was just made, and that was told. The family is no excuse for a
      // browser without the mark: a thief has the same Chrome on the same Android as everybody.
      const before = await journal.query({ subscriberId, types: ['session.started'], limit: 1 });
      if (before.length === 0) return [];
      const person = await subscribers.find(subscriberId);
      if (!person) return [];
      return notices.queueToAll('sign_in_unusual', await recoveries.addresses.reachable(person), {
        device: deviceOf(detail),
      });
    },
  };
}
