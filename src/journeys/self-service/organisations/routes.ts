import Router from '@koa/router';
import type { Organisations } from '../../../domain/organisations/index.ts';
import { readForm } from '../../../platform/forms.ts';
import { type SelfServiceParts, sendToSignIn, type Visitor, visitorOf } from '../visitor.ts';
import { showApplication, showApply, takeApply, withdrawApplication } from './apply.ts';
import { showConsent, takeConsent } from './consent.ts';
import { ACTS, leave, PATHS, showOrganisations } from './list.ts';

type Handle = (visitor: Visitor, organisations: Organisations) => Promise<void> | void;

/** Organisations in "My account": applying, consenting, leaving. Mounted where somebody says who acts for them. */
export function organisationRoutes(parts: SelfServiceParts & { readonly organisations: Organisations }): Router {
  const router = new Router();
  const { organisations } = parts;

  const page = (path: string, target: string, show: Handle) =>
    router.get(path, async (ctx) => {
      const visitor = await visitorOf(ctx, parts);
      return visitor ? show(visitor, organisations) : sendToSignIn(ctx, parts, target);
    });
  const change = (path: string, act: string, take: Handle) =>
    router.post(path, readForm({ limit: '32kb' }), async (ctx) => {
      const visitor = await visitorOf(ctx, parts);
      if (!visitor) return sendToSignIn(ctx, parts, 'organisations');
      parts.csrf.check(ctx, visitor.sessionUid, act);
      return take(visitor, organisations);
    });

  page(PATHS.all, 'organisations', showOrganisations);
  page(PATHS.one, 'add-organisation', (visitor) => showApply(visitor));
  page(`${PATHS.application}/:id`, 'organisations', showApplication);
  page(`${PATHS.asked}/:id`, 'organisations', showConsent);
  change(PATHS.one, ACTS.one, takeApply);
  change(PATHS.withdraw, ACTS.withdraw, withdrawApplication);
  change(PATHS.consent, ACTS.consent, takeConsent);
  change(PATHS.leave, ACTS.leave, leave);
  return router;
}
