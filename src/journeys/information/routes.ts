import Router from '@koa/router';
import {
  type AssuranceContexts,
  type ContextDescription,
  describeContexts,
  referenceOf,
} from '../../domain/assurance/index.ts';
import type { AssurancePolicies } from '../../domain/assurance-policies/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import { declaredErrors, EidError } from '../../platform/errors.ts';
import type { Health } from '../../platform/health.ts';
import type { View, Views } from '../../platform/views.ts';
import {
  accessibilityPage,
  assuranceContextPage,
  assuranceIndexPage,
  errorCodePage,
  frontPage,
  type Help,
  helpPage,
  privacyPage,
  statusPage,
} from './models.ts';
import { policyRoutes } from './policy-routes.ts';
import { json, wantsJson } from './representations.ts';
import { type NamedByAddress, verificationRoutes } from './verification-routes.ts';

/** What the pages that ask nothing work with. */
export interface InformationParts {
  readonly views: Views;
  readonly contexts: AssuranceContexts;
  readonly policies: Pick<AssurancePolicies, 'inForce' | 'version' | 'versions'>;
  /** What verified claims name by an address. */
  readonly verificationNames: readonly NamedByAddress[];
  readonly issuer: string;
  readonly clock: Clock;
  readonly health: Pick<Health, 'ready'>;
  readonly contact: string | null;
  /** Where somebody makes an account; `null` where nobody can online. */
  readonly signUpUrl: string | null;
}

/** Front page, help, privacy, accessibility, status, and a page behind every error code and every address that tokens name. */
export function informationRoutes(parts: InformationParts): Router {
  const router = new Router();
  const { views } = parts;
  router.get('/', (ctx) => views.show(ctx, frontPage, { accountUrl: '/account', signUpUrl: parts.signUpUrl }));
  const pages: [string, View<Help>][] = [
    ['/help', helpPage],
    ['/privacy', privacyPage],
    ['/accessibility', accessibilityPage],
  ];
  for (const [path, view] of pages)
    router.get(path, (ctx) => views.show(ctx, view, { contact: parts.contact, signUpUrl: parts.signUpUrl }));
  router.get('/status', async (ctx) => {
    const report = await parts.health.ready();
    const checks = report.checks.map(({ name, ok }) => ({ name, ok }));
    views.show(ctx, statusPage, { working: report.status === 'pass', checks, at: parts.clock.now() });
  });

  router.get('/errors/:code', (ctx) => {
    const found = declaredErrors().find(([code]) => code === ctx.params.code);
    if (!found) throw new EidError('http.not_found');
    views.show(ctx, errorCodePage, { code: found[0], ...found[1] });
  });

  const base = new URL(parts.contexts.acr('level-1')).pathname.replace(/level-1$/, '');
  policyRoutes(router, parts);
  verificationRoutes(router, { views, names: parts.verificationNames });
  const described = async (): Promise<{ policyVersion: string; policyUrl: string; all: ContextDescription[] }> => {
    const policy = await parts.policies.inForce();
    const all = describeContexts(parts.contexts, { now: epochSeconds(parts.clock.now()), policy });
    return { policyVersion: policy.version, policyUrl: parts.contexts.policy(referenceOf(policy)), all };
  };
  router.get(base.replace(/\/$/, ''), async (ctx) => {
    const { policyVersion, policyUrl, all } = await described();
    if (wantsJson(ctx)) return json(ctx, { policy: policyVersion, assurance_policy: policyUrl, contexts: all });
    views.show(ctx, assuranceIndexPage, { contexts: all.map(shown), policyVersion, policyUrl });
  });
  router.get(`${base}:name`, async (ctx) => {
    const found = (await described()).all.find((one) => one.name === ctx.params.name);
    if (!found) throw new EidError('http.not_found');
    if (wantsJson(ctx)) return json(ctx, found);
    views.show(ctx, assuranceContextPage, { ...shown(found), indexUrl: base.replace(/\/$/, '') });
  });
  return router;
}

const shown = (one: ContextDescription) => ({
  uri: one.acr,
  name: one.name,
  accountLevel: one.account_level,
  authenticationLevel: one.authentication_level,
  strong: one.strong_proof,
});
