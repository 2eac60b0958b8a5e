import { formOf, goTo, namesOf, noticeOf } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { sessionsPage } from './models.ts';
import { signOutsOf } from './sign-outs.ts';

const NOTICES = ['session-ended', 'session-over', 'disowned'];

/** Where I am signed in, and who confirmed that I signed out. Two statements. */
export async function showSessions(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber, sessionUid } = visitor;
  const nameOf = namesOf(visitor);
  const [live, signOuts] = await Promise.all([parts.sessions(subscriber.id), signOutsOf(visitor, nameOf)]);
  const sessions = await Promise.all(
    live.map(async ({ uid, reference, device, startedAt, seenAt, clientIds }) => ({
      ...{ reference, here: uid === sessionUid, startedAt: startedAt ?? null, seenAt: seenAt ?? null },
      device: { browser: device.browser ?? null, system: device.system ?? null, network: device.network ?? null },
      services: await Promise.all(clientIds.filter((id) => !parts.isOwn(id)).map(nameOf)),
    })),
  );
  parts.views.show(ctx, sessionsPage, {
    sessions: sessions.sort((a, b) => Number(b.here) - Number(a.here)),
    endOne: formOf(visitor, '/account/sessions/end', 'end-session'),
    endAll: formOf(visitor, '/account/sessions/end-all', 'end-all'),
    signOuts,
    notice: noticeOf(visitor, NOTICES),
  });
}

/** Ends one session that is open elsewhere, with all that rests on it. */
export async function endSession(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber, sessionUid } = visitor;
  const wanted = (ctx.request.body as Record<string, string>).session;
  const found = (await parts.sessions(subscriber.id)).find(({ reference }) => reference === wanted);
  if (found?.uid === sessionUid) return goTo(visitor, '/logout');
  if (!found) return goTo(visitor, '/account/sessions?notice=session-over');
  await parts.write([
    ...(await parts.endingOne(subscriber.id, found.reference)),
    parts.journal.append({
      type: 'session.ended',
      actor: { kind: 'subscriber', id: subscriber.id },
      subscriberId: subscriber.id,
      detail: { everywhere: false, session: found.reference },
    }),
  ]);
  return goTo(visitor, '/account/sessions?notice=session-ended');
}

/** Ends every session, this one too, and whatever was granted: nobody stays signed in anywhere. */
export async function endEverywhere(visitor: Visitor): Promise<void> {
  const { parts, subscriber } = visitor;
  await parts.write([
    ...(await parts.endingAll(subscriber.id)),
    parts.journal.append({
      type: 'session.ended',
      actor: { kind: 'subscriber', id: subscriber.id },
      subscriberId: subscriber.id,
      detail: { everywhere: true },
    }),
  ]);
  return goTo(visitor, '/');
}
