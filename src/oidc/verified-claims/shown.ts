import type { Client } from '../../domain/relying-parties/index.ts';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { VERIFIED_CLAIMS } from '../../standards/identity-assurance/index.ts';
import { claimsParameter, type RequestParameters } from '../requests.ts';
import { verifiedPaths } from './asked.ts';
import type { VerifiedClaimsRelease } from './release.ts';

/** What a person reads of a verification before it leaves; as far as it was asked for, each part by its name with us. */
export interface VerifiedParts {
  readonly framework: string;
  readonly level: string | null;
  readonly evidence: readonly string[];
  readonly time: string | null;
  readonly detailed: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
}

const PLAIN = /\.(trust_framework|assurance_level|time|type)$/;

/**
 * Restrictions are not looked at before somebody has agreed: whether a value is the one that was asked for says something of the
 * person (identity-assurance.md §4). So this may show more than leaves, and never less.
 */
export async function shownOf(
  verified: Pick<VerifiedClaimsRelease, 'known'>,
  asking: { readonly subscriber: Subscriber; readonly client: Client; readonly parameters: RequestParameters },
): Promise<VerifiedParts | undefined> {
  const paths = verifiedPaths(claimsParameter(asking.parameters));
  const known = paths.length > 0 ? await verified.known(asking.subscriber, asking.client) : undefined;
  if (!known) return undefined;
  const asked = (path: string): boolean => paths.includes(`${VERIFIED_CLAIMS}.${path}`);
  const { trust_framework, assurance_level, time, evidence } = known.verification as unknown as KnownVerification;
  const within = paths.filter((path) => path.startsWith(`${VERIFIED_CLAIMS}.verification.`));
  return {
    framework: lastOf(trust_framework),
    level: asked('verification.assurance_level') ? assurance_level : null,
    evidence: [...new Set(evidence.filter(({ type }) => asked(`verification.evidence.${type}.type`)).map(nameOf))],
    time: asked('verification.time') ? time : null,
    detailed: within.some((path) => !PLAIN.test(path) || path.includes('.check_details.')),
    claims: Object.fromEntries(Object.entries(known.claims).filter(([name]) => asked(`claims.${name}`))),
  };
}

interface KnownVerification {
  readonly trust_framework: string;
  readonly assurance_level: string;
  readonly time: string;
  readonly evidence: readonly KnownEvidence[];
}

interface KnownEvidence {
  readonly type: string;
  readonly document_details?: { readonly type: string };
  readonly record?: { readonly type: string };
}

/** What a piece of evidence is called on a page. */
const nameOf = ({ type, document_details, record }: KnownEvidence): string =>
  document_details?.type ?? record?.type ?? type;

const lastOf = (address: string): string => address.slice(address.lastIndexOf('/') + 1);
