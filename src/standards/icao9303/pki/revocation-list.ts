import { type Node, read } from '../asn1/read.ts';
import { bits, context, contextPrimitive, integer, partsOf, smallInteger, TAG, time } from '../asn1/values.ts';
import { demand, refuse } from '../refusal.ts';
import { isSigned, type SignatureAlgorithm, signatureAlgorithm } from './algorithms/signature.ts';
import { type Certificate, serialOf } from './certificate.ts';
import { type Extension, extensionsOf } from './extensions.ts';
import { type Name, nameFrom } from './names.ts';
import { reading } from './reading.ts';

/** A certificate revocation list of a country authority (RFC 5280 §5, Doc 9303-12 §7.1.4). */
export interface RevocationList {
  readonly der: Buffer;
  readonly issuer: Name;
  readonly authorityKeyId?: Buffer;
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Serial numbers as `Certificate.serial` writes them. */
  readonly revoked: ReadonlySet<string>;
  signatureAlgorithm(): SignatureAlgorithm;
  readonly tbs: Buffer;
  readonly signature: Buffer;
}

const MAX_BYTES = 1_048_576;
/** Three to eight parts for an entry of twenty octets and more. */
const RULES = { encoding: 'ber', maxNodes: 250_000, maxDepth: 20 } as const;
const SMALL = { encoding: 'ber', maxNodes: 100 } as const;
const AUTHORITY_KEY = '2.5.29.35';
const NUMBER = '2.5.29.20';

/** Reads a list; refuses with `input.too_large`, `asn1.*` (no structure at all), `crl.malformed` or `certificate.extension`. */
export function parseRevocationList(der: Buffer): RevocationList {
  demand(der.length <= MAX_BYTES, 'input.too_large', 'revocation list');
  const node = read(der, RULES);
  return reading('crl.malformed', () => {
    const [tbs, algorithm, signature, ...rest] = partsOf(node);
    const [version, inner, issuer, thisUpdate, nextUpdate, ...optional] = partsOf(tbs);
    const entries = optional[0]?.tag === TAG.sequence ? partsOf(optional.shift()) : [];
    const [extensions, ...more] = partsOf(optional.shift(), context(0));
    const same = algorithm && inner && algorithm.bytes.equals(inner.bytes);
    const complete = rest.length === 0 && optional.length === 0 && more.length === 0;
    demand(smallInteger(version) === 1 && same && complete && extensions, 'asn1.unexpected', 'list');
    return {
      der: node.bytes,
      issuer: nameFrom(issuer),
      ...listExtensions(extensionsOf(extensions)),
      thisUpdate: time(thisUpdate),
      nextUpdate: time(nextUpdate),
      revoked: new Set(entries.map(serialOfEntry)),
      signatureAlgorithm: () => reading('crl.malformed', () => signatureAlgorithm(algorithm)),
      tbs: tbs!.bytes,
      signature: bits(signature),
    };
  });
}

/** A list without a number, a part of a list (critical: delta, distribution point) or one of strangers is none of ours. */
function listExtensions(extensions: readonly Extension[]): { number: bigint; authorityKeyId?: Buffer } {
  const partOf = (wanted: string): Node | undefined => {
    const found = extensions.find(({ type }) => type === wanted);
    return found && read(found.value, SMALL);
  };
  const strange = extensions.find(({ type, critical }) => critical && type !== NUMBER && type !== AUTHORITY_KEY);
  demand(!strange, 'certificate.extension', strange?.type);
  const number = integer(partOf(NUMBER));
  const key = partOf(AUTHORITY_KEY)?.children.find(({ tag }) => tag === contextPrimitive(0));
  return key ? { number, authorityKeyId: key.value } : { number };
}

/** An entry: serial number, moment, and perhaps why. A critical extension here moves it to another issuer (§5.3.3). */
function serialOfEntry(entry: Node): string {
  const [serial, moment, extensions, ...rest] = partsOf(entry);
  // When it was revoked changes nothing, so that the moment is not read: lists are long.
  const dated = moment?.tag === TAG.utcTime || moment?.tag === TAG.generalizedTime;
  demand(dated && rest.length === 0, 'asn1.unexpected', 'entry');
  const strange = extensions && extensionsOf(extensions).find(({ critical }) => critical);
  demand(!strange, 'certificate.extension', strange?.type);
  return serialOf(serial);
}

/** Whether a list is one that this authority would issue: by the identifier of its key, or by its name. */
export const speaksFor = (list: RevocationList, authority: Certificate): boolean =>
  list.issuer.key === authority.subject.key ||
  (list.issuer.country === authority.country &&
    list.authorityKeyId !== undefined &&
    (authority.subjectKeyId?.equals(list.authorityKeyId) ?? false));

/** Checks that the authority signed the list, and may (RFC 5280 §6.3.3 f, g); refuses `crl.signature` and `algorithm.*`. */
export async function verifyRevocationList(list: RevocationList, csca: Certificate): Promise<void> {
  demand(speaksFor(list, csca), 'crl.signature', 'another issuer');
  demand(csca.isCa && csca.keyUsage?.crlSign, 'crl.signature', 'may not sign lists');
  const good = await isSigned(list.signatureAlgorithm(), csca.publicKey, list.tbs, list.signature);
  demand(good, 'crl.signature');
}

/**
 * The list to keep of one that is known and one that is offered, of one issuer. A number or a moment that went back means
 * that somebody replays an old list to hide a revocation: refused with `crl.rollback` (RFC 5280 §5.2.3).
 */
export function newerRevocationList(known: RevocationList | undefined, offered: RevocationList): RevocationList {
  if (!known) return offered;
  if (known.der.equals(offered.der)) return known;
  const back = offered.number <= known.number || offered.thisUpdate < known.thisUpdate;
  return back ? refuse('crl.rollback', `number ${offered.number} after ${known.number}`) : offered;
}
