import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Node } from '../asn1/read.ts';
import { demand, type RefusalCode, Refused, refuse } from '../refusal.ts';
import type { Anchor, TrustAnchors } from './anchors.ts';
import { type Certificate, certificateFrom, isIssuedBy, isValidAt } from './certificate.ts';

/** A signer and the authorities whose key signed its certificate: what time does not change. */
export interface Chain {
  readonly signer: Certificate;
  readonly vouchers: readonly Anchor[];
}

/** Chains that were found right, by the hash of the signer's certificate and the version of what is trusted. */
export interface ChainCache {
  get(key: string): Chain | undefined;
  set(key: string, chain: Chain): unknown;
}

/** Remembers the chains of the last `max` signers. A country has dozens in use at a time. */
export const createChainCache = ({ max = 1_000 }: { max?: number } = {}): ChainCache =>
  new LRUCache<string, Chain>({ max });

export interface ChainInput {
  readonly trust: TrustAnchors;
  readonly cache?: ChainCache | undefined;
}

/** The signer that a certificate describes; with those who vouch for it, when that is known already. */
export function signerFrom(certificate: Node, { trust, cache }: ChainInput): Chain | { signer: Certificate } {
  const known = cache?.get(keyOf(certificate.bytes, trust));
  return known ?? { signer: certificateFrom(certificate) };
}

const keyOf = (der: Buffer, trust: TrustAnchors): string => `${trust.version}:${hash('sha256', der, 'hex')}`;

/**
 * Finds every trusted authority under whose key the signer's certificate is right (Doc 9303-12 §8.2). Several may carry the
 * same name or key (renewals, links: AT has eight); each key is tried once. Refuses with `csca.unknown`, `dsc.signature` or
 * `algorithm.*`.
 */
export async function chainOf(signer: Certificate, { trust, cache }: ChainInput): Promise<Chain> {
  const candidates = trust.candidates(signer);
  demand(candidates.length > 0, 'csca.unknown', signer.issuer.text);
  // Weak is weak, whoever signed.
  signer.signatureAlgorithm();
  let unfit: Refused | undefined;
  let wrong = false;
  const tried = new Set<string>();
  for (const { certificate } of candidates) {
    const key = certificate.publicKey.spki;
    if (tried.has(key.toString('latin1'))) continue;
    tried.add(key.toString('latin1'));
    const verdict = await isIssuedBy(signer, certificate).catch((error: unknown) => {
      // A candidate of the same name with a key of another kind, or too small, is just not the one.
      if (!(error instanceof Refused)) throw error;
      unfit = error;
      return undefined;
    });
    wrong ||= verdict === false;
    if (!verdict) continue;
    const vouchers = candidates.filter((other) => other.certificate.publicKey.spki.equals(key));
    // Only what is right is remembered: nobody fills the memory with inventions.
    cache?.set(keyOf(signer.der, trust), { signer, vouchers });
    return { signer, vouchers };
  }
  throw (wrong ? undefined : unfit) ?? new Refused('dsc.signature', signer.issuer.text);
}

interface Moment {
  readonly now: Date;
  /** Only a pinned national authority counts. */
  readonly national: boolean;
}

/**
 * The authority that vouches for the signer at this moment: it is of its country, may issue, and is valid (Doc 9303-12
 * §7.1). Asked anew for every document. Refuses with what the best of them lacks: `csca.*`.
 */
export function authorityOf({ signer, vouchers }: Chain, moment: Moment): Anchor {
  let best = { step: -1, code: 'csca.unknown' as RefusalCode, about: signer.issuer.text };
  for (const anchor of vouchers) {
    const step = LACKS.findIndex(({ is }) => is(anchor, signer, moment));
    const lack = LACKS[step];
    if (!lack) return anchor;
    if (step > best.step) best = { step, code: lack.code, about: anchor.certificate.subject.text };
  }
  return refuse(best.code, best.about);
}

/** What an authority that signed may lack, in the order in which it is asked. */
const LACKS: readonly {
  readonly code: RefusalCode;
  is(anchor: Anchor, signer: Certificate, moment: Moment): boolean;
}[] = [
  { code: 'csca.foreign', is: (anchor, _, { national }) => national && !anchor.national },
  { code: 'csca.foreign', is: ({ certificate }, signer) => certificate.country !== signer.country },
  // Path length: 0 is what a CSCA has (9303-12 §7.1.1); pinned ones shall, some foreign ones have 1 or none.
  {
    code: 'csca.constraints',
    is: ({ certificate: { isCa, keyUsage, pathLength }, national }) =>
      !isCa || !keyUsage?.keyCertSign || (national && pathLength !== 0),
  },
  { code: 'csca.validity', is: ({ certificate }, _, { now }) => !isValidAt(certificate, now) },
  // The key may sign for a few years only; what it signed then lives on (9303-12 §5.1).
  {
    code: 'csca.validity',
    is: ({ certificate: { privateKeyUsage: period } }, { notBefore }) =>
      (period?.notBefore !== undefined && notBefore < period.notBefore) ||
      (period?.notAfter !== undefined && notBefore > period.notAfter),
  },
];
