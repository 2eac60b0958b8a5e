import type { Node } from '../../asn1/read.ts';
import { oid, partsOf, TAG } from '../../asn1/values.ts';
import { demand, refuse } from '../../refusal.ts';

/** The hashes that documents may stand on (Doc 9303-12 §4.4.4), as `node:crypto` calls them. */
export type Digest = 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Octets. */
export const DIGEST_LENGTH = { sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const satisfies Record<
  Digest,
  number
>;

const DIGESTS = new Map<string, Digest>([
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
/** SHA-1 was allowed for documents once; collisions make it worthless for what a stranger may have influenced. MD2, MD5. */
const WEAK = new Set(['1.3.14.3.2.26', '1.2.840.113549.2.2', '1.2.840.113549.2.5']);

/** The hash that an AlgorithmIdentifier names; refuses `algorithm.weak` and `algorithm.unknown`. */
export function digestOf(algorithm: Node | undefined): Digest {
  const [type, parameters, ...rest] = partsOf(algorithm);
  const name = oid(type);
  demand(!WEAK.has(name), 'algorithm.weak', name);
  const bare = rest.length === 0 && (parameters === undefined || parameters.tag === TAG.null);
  return (bare && DIGESTS.get(name)) || refuse('algorithm.unknown', name);
}
