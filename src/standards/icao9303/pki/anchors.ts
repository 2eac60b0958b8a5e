import type { Certificate } from './certificate.ts';
import { type RevocationList, speaksFor } from './revocation-list.ts';

/** A country authority that somebody here decided to trust. */
export interface Anchor {
  readonly certificate: Certificate;
  /** Pinned as an authority of our own country, by an operator's command; a master list never makes one. */
  readonly national: boolean;
}

/** Whom a document may be believed for. */
export interface TrustAnchors {
  /** Changes with every change of what is trusted; caches stand on it. */
  readonly version: string;
  /** Those that may have issued this certificate: first by the identifier of the key, then by name (RFC 5280 §4.2.1.1). */
  candidates(certificate: Certificate): readonly Anchor[];
  /** What is revoked by this authority: a list that has been verified, the newest one. */
  revocations(authority: Certificate): RevocationList | undefined;
}

export interface AnchorsInput {
  readonly version: string;
  readonly anchors: readonly Anchor[];
  /** Verified (`verifyRevocationList`): nobody does it again. */
  readonly lists: readonly RevocationList[];
}

/**
 * Trust in memory. Where a country has pinned authorities, every other one of that country is left out, from whatever list
 * it came: nobody else vouches for our cards, under any profile.
 */
export function createAnchors({ version, anchors, lists }: AnchorsInput): TrustAnchors {
  const pinned = new Set(anchors.filter(({ national }) => national).map(({ certificate }) => certificate.country));
  const trusted = anchors.filter(({ national, certificate }) => national || !pinned.has(certificate.country));
  const byKeyId = groupBy(trusted, ({ certificate }) => certificate.subjectKeyId?.toString('hex'));
  const byName = groupBy(trusted, ({ certificate }) => certificate.subject.key);
  const known = new Map<string, RevocationList | undefined>();
  return {
    version,
    candidates(certificate) {
      const keyed = byKeyId.get(certificate.authorityKeyId?.toString('hex') ?? '') ?? [];
      return [...new Set([...keyed, ...(byName.get(certificate.issuer.key) ?? [])])];
    },
    revocations(authority) {
      if (!known.has(authority.sha256)) known.set(authority.sha256, revocationsOf(authority, lists));
      return known.get(authority.sha256);
    },
  };
}

/**
 * A country signs its list with its newest key, for certificates of its older keys too (9303-12 §7.1.4): the newest list of
 * each key counts, and what any of them revokes is revoked.
 */
function revocationsOf(authority: Certificate, lists: readonly RevocationList[]): RevocationList | undefined {
  const newestFirst = lists
    .filter((list) => speaksFor(list, authority))
    .sort((one, other) => other.thisUpdate.getTime() - one.thisUpdate.getTime() || Number(other.number - one.number));
  const ofEachKey = [
    ...groupBy(newestFirst, ({ authorityKeyId }) => authorityKeyId?.toString('hex') ?? 'none').values(),
  ];
  const [newest] = newestFirst;
  if (!newest || ofEachKey.length === 1) return newest;
  return { ...newest, revoked: new Set(ofEachKey.flatMap(([first]) => [...first!.revoked])) };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string | undefined): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
