import Router from '@koa/router';
import type { Context } from 'koa';
import { readForm } from '../../platform/forms.ts';
import { atMost } from '../../platform/gate.ts';
import { allowFormAction } from '../../platform/headers.ts';
import { honourUiLocales } from '../../platform/http.ts';
import { notesOf } from '../../platform/request.ts';
import { readPictureForm } from '../face-form.ts';
import { cardState, takeCard } from './card.ts';
import { showConsent, takeConsent } from './consent.ts';
import type { PausedRequest } from './desk.ts';
import { takeFace } from './face.ts';
import type { JourneyParts, Visit } from './journey.ts';
import { showNext, takeCancel, takeUnmet } from './next.ts';
import { showOrganisations, takeOrganisation } from './organisation.ts';
import { takeIdentifier, takePasskey, takePassword } from './sign-in.ts';
import { takeCode, takeMessageCode, takeWay } from './ways.ts';

/** What each form of the journey posts to, and who takes it. */
const FORMS: Record<string, (visit: Visit) => Promise<void>> = {
  identifier: takeIdentifier,
  password: takePassword,
  passkey: takePasskey,
  card: takeCard,
  face: takeFace,
  way: takeWay,
  code: takeCode,
  'message-code': takeMessageCode,
  organisation: takeOrganisation,
  consent: takeConsent,
  unmet: takeUnmet,
};

/** Signing in, stepping up and agreeing: everything below `/interaction/:uid`. */
export function interactionRoutes(parts: JourneyParts): Router {
  const router = new Router();

  router.get('/interaction/:uid', async (ctx) => {
    const visit = await visitOf(ctx, parts);
    const { name } = visit.paused.prompt;
    if (name === 'organisation') return showOrganisations(visit);
    return name === 'consent' ? showConsent(visit) : showNext(visit);
  });
  router.get('/interaction/:uid/card/:session', async (ctx) => cardState(await visitOf(ctx, parts)));

  // A password costs a hash; of more accounts at once they would wait longer for one than anybody waits for a page.
  const passwords = atMost({ keys: 40, requests: 300 }, ({ request, params }) =>
    String((request.body as Record<string, string>).identifier ?? params.uid),
  );
  for (const [form, take] of Object.entries(FORMS)) {
    const before = form === 'face' ? readPictureForm() : form === 'password' ? [readForm(), passwords] : [readForm()];
    router.post(`/interaction/:uid/${form}`, ...before, async (ctx) => {
      const visit = await visitOf(ctx, parts);
      // Before anything else: who sends this form is the browser that we showed it to (abuse cases 25 and 26).
      parts.csrf.check(ctx, visit.paused.uid, 'interaction');
      return Object.hasOwn(ctx.request.body as object, 'cancel') ? takeCancel(visit) : take(visit);
    });
  }
  return router;
}

async function visitOf(ctx: Context & { params: Record<string, string> }, parts: JourneyParts): Promise<Visit> {
  const paused = await parts.desk.paused(ctx.req, ctx.res, ctx.params.uid ?? '');
  const client = await parts.desk.client(paused.clientId);
  // The client was disabled while the person was reading: there is nobody to go back to.
  if (!client || client.disabledAt) throw parts.lost();
  notesOf(ctx.req).clientId = client.clientId;
  honourUiLocales(ctx, paused.parameters.ui_locales, parts.clock.now());
  allowReturn(ctx, paused);
  return { ctx, parts, paused, client };
}

/** Chromium holds `form-action` against every redirect after a post: the relying party's own origin ends this one. */
function allowReturn(ctx: Context, { parameters }: PausedRequest): void {
  if (parameters.redirect_uri) allowFormAction(ctx, parameters.redirect_uri);
}
