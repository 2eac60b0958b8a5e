import { type Node, read } from '../asn1/read.ts';
import { boolean, contextPrimitive, namedBits, octets, oid, partsOf, smallInteger, TAG, time } from '../asn1/values.ts';
import { demand, refuse } from '../refusal.ts';

/** What a certificate says about its use (RFC 5280 §4.2, Doc 9303-12 §7.1.1). */
export interface Extensions {
  readonly isCa: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: KeyUsage;
  /** Object identifiers; empty when the extension is absent. */
  readonly extendedKeyUsage: readonly string[];
  readonly subjectKeyId?: Buffer;
  readonly authorityKeyId?: Buffer;
  /** When the private key may sign (RFC 5280 §4.2.1.4 of RFC 3280); the certificate itself lives longer. */
  readonly privateKeyUsage?: { readonly notBefore?: Date; readonly notAfter?: Date };
  /** The document codes that a signer may sign (Doc 9303-12 §7.1.1.6), fillers cut off: `ID`, `P`. */
  readonly documentTypes?: readonly string[];
}

export interface KeyUsage {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly crlSign: boolean;
}

interface Draft {
  isCa: boolean;
  pathLength?: number;
  keyUsage?: KeyUsage;
  extendedKeyUsage: readonly string[];
  subjectKeyId?: Buffer;
  authorityKeyId?: Buffer;
  privateKeyUsage?: { notBefore?: Date; notAfter?: Date };
  documentTypes?: readonly string[];
}

/** Every extension that may be critical: one that is read, or one that says nothing about whether to trust. */
const READERS: ReadonlyMap<string, (draft: Draft, value: Node) => void> = new Map([
  ['2.5.29.19', basicConstraints],
  ['2.5.29.15', keyUsage],
  ['2.5.29.37', extendedKeyUsage],
  ['2.5.29.14', subjectKeyIdentifier],
  ['2.5.29.35', authorityKeyIdentifier],
  ['2.5.29.16', privateKeyUsagePeriod],
  ['2.23.136.1.1.6.2', documentTypeList],
  // Certificate policies, alternative names of subject and issuer, distribution points, change of name.
  ...['2.5.29.32', '2.5.29.17', '2.5.29.18', '2.5.29.31', '2.23.136.1.1.6.1'].map((name) => [name, () => {}] as const),
]);
const MAX_EXTENSIONS = 40;
const RULES = { encoding: 'ber', maxNodes: 500 } as const;

/** One extension, its contents not yet read. */
export interface Extension {
  readonly type: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** The parts of an Extensions sequence; each type at most once (RFC 5280 §4.2). */
export function extensionsOf(node: Node): readonly Extension[] {
  const list = partsOf(node).map((extension): Extension => {
    const [type, second, third, ...rest] = partsOf(extension);
    const marked = second?.tag === TAG.boolean;
    demand(rest.length === 0 && !(third && !marked), 'asn1.unexpected', 'extension');
    return { type: oid(type), critical: marked && boolean(second), value: octets(marked ? third : second) };
  });
  demand(list.length <= MAX_EXTENSIONS, 'asn1.too_many', 'extensions');
  demand(new Set(list.map(({ type }) => type)).size === list.length, 'asn1.unexpected', 'extension twice');
  return list;
}

/** Reads the extensions of a certificate; refuses an unknown critical one with `certificate.extension`. */
export function readExtensions(node: Node | undefined): Extensions {
  const draft: Draft = { isCa: false, extendedKeyUsage: [] };
  for (const { type, critical, value } of node ? extensionsOf(node) : []) {
    const reader = READERS.get(type);
    if (reader) reader(draft, read(value, RULES));
    else demand(!critical, 'certificate.extension', type);
  }
  return draft;
}

function basicConstraints(draft: Draft, value: Node): void {
  const parts = [...partsOf(value)];
  draft.isCa = parts[0]?.tag === TAG.boolean && boolean(parts.shift());
  if (parts.length > 0) draft.pathLength = smallInteger(parts.shift());
  demand(parts.length === 0 && (draft.pathLength ?? 0) >= 0, 'asn1.unexpected', 'basic constraints');
}

function keyUsage(draft: Draft, value: Node): void {
  const set = namedBits(value);
  draft.keyUsage = { digitalSignature: set[0] ?? false, keyCertSign: set[5] ?? false, crlSign: set[6] ?? false };
}

function extendedKeyUsage(draft: Draft, value: Node): void {
  draft.extendedKeyUsage = partsOf(value).map(oid);
  demand(draft.extendedKeyUsage.length > 0, 'asn1.unexpected', 'extended key usage');
}

function subjectKeyIdentifier(draft: Draft, value: Node): void {
  draft.subjectKeyId = octets(value);
}

function authorityKeyIdentifier(draft: Draft, value: Node): void {
  const identifier = partsOf(value).find(({ tag }) => tag === contextPrimitive(0));
  if (identifier) draft.authorityKeyId = identifier.value;
}

function privateKeyUsagePeriod(draft: Draft, value: Node): void {
  const period: { notBefore?: Date; notAfter?: Date } = {};
  for (const { tag, value: digits, bytes } of partsOf(value)) {
    const moment = time({ tag: TAG.generalizedTime, value: digits, bytes, children: [] });
    if (tag === contextPrimitive(0)) period.notBefore = moment;
    else if (tag === contextPrimitive(1)) period.notAfter = moment;
    else refuse('asn1.unexpected', 'private key usage period');
  }
  draft.privateKeyUsage = period;
}

/** DocumentTypeListSyntax: version 0, then a set of strings of one or two letters (Doc 9303-12 §7.1.1.6). */
function documentTypeList(draft: Draft, value: Node): void {
  const [version, types, ...rest] = partsOf(value);
  demand(smallInteger(version) === 0 && rest.length === 0, 'asn1.unexpected', 'document type list');
  const list = partsOf(types, TAG.set).map((type) => type.value.toString('latin1').replace(/[< ]+$/, ''));
  demand(
    list.every((code) => /^[A-Z0-9]{1,2}$/.test(code)),
    'asn1.unexpected',
    'document type list',
  );
  draft.documentTypes = list;
}
