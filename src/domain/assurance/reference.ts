import { hash } from 'node:crypto';
import { canonicalJson } from '../../standards/canonical-json.ts';
import type { Policy } from './policy.ts';

/** Names a policy so that nobody can put another one in its place: by version, and by what it says. */
export interface PolicyReference {
  readonly version: string;
  /** SHA-256 of the policy in canonical JSON (RFC 8785), base64url without padding. */
  readonly hash: string;
}

const known = new WeakMap<Policy, string>();

/** The reference of a whole policy; of the rows in force alone (`policyAt`) it would be that of another one. */
export function referenceOf(policy: Policy): PolicyReference {
  const mine = known.get(policy) ?? hash('sha256', canonicalJson(policy), 'base64url');
  known.set(policy, mine);
  return { version: policy.version, hash: mine };
}
