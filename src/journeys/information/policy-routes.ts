import type Router from '@koa/router';
import { describePolicy, ASSURANCE_POLICY as FIRST, type Policy, referenceOf } from '../../domain/assurance/index.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { EidError } from '../../platform/errors.ts';
import { assurancePolicyPage } from './models.ts';
import { policyJson, policyRules } from './policy-page.ts';
import { json, wantsJson } from './representations.ts';
import type { InformationParts } from './routes.ts';

/**
 * The page behind `assurance_policy`: the rules for people and as JSON. An address with another hash than the version has names no
 * policy of ours, and without one it leads to the whole address.
 */
export function policyRoutes(router: Router, parts: InformationParts): void {
  const { views, policies, contexts, clock } = parts;
  const addressOf = (policy: Policy): string => contexts.policy(referenceOf(policy));
  const path = new URL(contexts.policy({ version: ':version' })).pathname.replace('%3A', ':');

  router.get(path.replace('/:version', ''), async (ctx) => ctx.redirect(addressOf(await policies.inForce())));
  router.get(path, async (ctx) => {
    const policy = await policies.version(ctx.params.version!);
    if (!policy) throw new EidError('http.not_found');
    ctx.redirect(addressOf(policy));
  });
  router.get(`${path}/:hash`, async (ctx) => {
    const [policy, inForce, adopted, first] = await Promise.all([
      policies.version(ctx.params.version!),
      policies.inForce(),
      policies.versions(),
      policies.version(FIRST.version),
    ]);
    const uri = policy && addressOf(policy);
    if (!uri?.endsWith(`/${ctx.params.hash}`)) throw new EidError('http.not_found');
    const now = epochSeconds(clock.now());
    const described = describePolicy(policy!, { now, inForce });
    if (wantsJson(ctx)) return json(ctx, policyJson(described, { uri, document: policy! }));
    // One of a later release than the first that was adopted was never in force.
    const versions = [...new Set([...adopted.map(({ version }) => version), ...(first ? [FIRST.version] : [])])];
    views.show(
      ctx,
      assurancePolicyPage,
      policyRules(
        described,
        uri,
        versions.map((version) => ({ version, uri: contexts.policy({ version }) })),
      ),
    );
  });
}
