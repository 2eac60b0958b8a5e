import { demand } from '../refusal.ts';
import type { TrustAnchors } from './anchors.ts';
import type { Certificate } from './certificate.ts';

/** How much is asked of revocation lists. */
export interface RevocationPolicy {
  /** Without a fresh list nobody is believed. */
  readonly required: boolean;
  /** Days after its next update that a list still counts as fresh. Lists come every 90 days at the latest (9303-12 §7.1.4). */
  readonly staleAfterDays: number;
}

/** What is known: `fresh` and not revoked, `stale` or `unknown` where the policy lets that pass. */
export interface RevocationStatus {
  readonly status: 'fresh' | 'stale' | 'unknown';
  readonly number?: string;
  readonly nextUpdate?: Date;
}

const DAY = 86_400_000;

/**
 * Refuses a signer that its authority has revoked, whatever the age of the list (`dsc.revoked`); and one of whom nothing
 * fresh is known, when the policy asks for it (`crl.missing`, `crl.stale`).
 */
export function checkRevocation(
  signer: Certificate,
  authority: Certificate,
  { trust, policy, now }: { trust: TrustAnchors; policy: RevocationPolicy; now: Date },
): RevocationStatus {
  const list = trust.revocations(authority);
  if (!list) {
    demand(!policy.required, 'crl.missing', authority.subject.text);
    return { status: 'unknown' };
  }
  demand(!list.revoked.has(signer.serial), 'dsc.revoked', signer.subject.text);
  const selfIssued = authority.issuer.key === list.issuer.key && list.revoked.has(authority.serial);
  demand(!selfIssued, 'csca.validity', `revoked: ${authority.subject.text}`);
  const facts = { number: list.number.toString(), nextUpdate: list.nextUpdate };
  if (now.getTime() <= list.nextUpdate.getTime() + policy.staleAfterDays * DAY) return { status: 'fresh', ...facts };
  demand(!policy.required, 'crl.stale', `${authority.subject.text}, ${list.nextUpdate.toISOString()}`);
  return { status: 'stale', ...facts };
}
