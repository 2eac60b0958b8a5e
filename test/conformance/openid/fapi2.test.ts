import { afterAll, beforeAll, describe } from 'vitest';
import { fapiAssertionModules } from './modules/fapi-assertions.ts';
import { fapiAuthorizationModules } from './modules/fapi-authorization.ts';
import { fapiDpopModules } from './modules/fapi-dpop.ts';
import { type FapiPlan, prepareFapi } from './modules/fapi-plan.ts';
import { fapiPushedModules } from './modules/fapi-pushed.ts';

// plain_fapi, private_key_jwt, dpop, openid_connect; the names begin with fapi2-security-profile-final- in the suite.
describe('fapi2-security-profile-final-test-plan', () => {
  let plan: FapiPlan;
  beforeAll(async () => {
    plan = await prepareFapi();
  });
  afterAll(() => plan?.server.end());
  for (const modules of [fapiAuthorizationModules, fapiPushedModules, fapiAssertionModules, fapiDpopModules]) {
    modules(() => plan);
  }
});
