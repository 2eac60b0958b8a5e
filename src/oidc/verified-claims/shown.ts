import type { Client } from '../../domain/relying-parties/index.ts';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { VERIFIED_CLAIMS } from '../../standards/identity-assurance/index.ts';
import { claimsParameter, type RequestParameters } from '../requests.ts';
import { verifiedNames, verifiedPaths } from './asked.ts';
import { mayHearFromHome } from './floors.ts';
import type { VerifiedClaimsRelease } from './release.ts';

/**
 * What a person reads of a verification before it leaves; as far as it was asked for, each part by its name with us. Of somebody who
 * was verified twice, in presence and from home, what either would tell.
 */
export interface VerifiedParts {
  readonly frameworks: readonly string[];
  readonly levels: readonly string[];
  readonly evidence: readonly string[];
  readonly times: readonly string[];
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
  const { subscriber, client } = asking;
  const parameter = claimsParameter(asking.parameters);
  const paths = verifiedPaths(parameter);
  const hears = { fromHome: mayHearFromHome(client, verifiedNames(parameter)) };
  const known = paths.length > 0 ? await verified.known(subscriber, client, hears) : [];
  if (known.length === 0) return undefined;
  const asked = (path: string): boolean => paths.includes(`${VERIFIED_CLAIMS}.${path}`);
  const all = known.map(({ verification }) => verification as unknown as KnownVerification);
  const evidence = all.flatMap((one) => one.evidence);
  const within = paths.filter((path) => path.startsWith(`${VERIFIED_CLAIMS}.verification.`));
  return {
    frameworks: each(all.map((one) => lastOf(one.trust_framework))),
    levels: asked('verification.assurance_level') ? each(all.map((one) => one.assurance_level)) : [],
    evidence: each(evidence.filter(({ type }) => asked(`verification.evidence.${type}.type`)).map(nameOf)),
    times: asked('verification.time') ? each(all.map((one) => one.time)) : [],
    detailed: within.some((path) => !PLAIN.test(path) || path.includes('.check_details.')),
    claims: Object.fromEntries(
      known.flatMap(({ claims }) => Object.entries(claims).filter(([name]) => asked(`claims.${name}`))),
    ),
  };
}

const each = (all: readonly string[]): string[] => [...new Set(all)];

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
