import type { Node } from '../asn1/read.ts';
import { expect, oid, partsOf, TAG } from '../asn1/values.ts';
import { demand } from '../refusal.ts';

/** A distinguished name (RFC 5280 §4.1.2.4). */
export interface Name {
  /** For reports, after RFC 4514: `CN=csca-germany,OU=bsi,O=bund,C=DE`. */
  readonly text: string;
  /**
   * For comparison (RFC 5280 §7.1): letter case, spaces and the type of string are folded, and the order of the parts too,
   * which MY has in two ways. It only finds a certificate: whether it is the right one its signature says.
   */
  readonly key: string;
  /** The one countryName, in upper case; empty when there is none, or several. */
  readonly country: string;
}

const SHORT: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
};
const MAX_PARTS = 32;

/** Reads an RDNSequence; refuses with `asn1.*`. */
export function nameFrom(node: Node | undefined): Name {
  const relative = partsOf(node).map((set) =>
    partsOf(set, TAG.set).map((attribute) => {
      const [type, value] = partsOf(attribute);
      return { type: oid(type), value: stringOf(value) };
    }),
  );
  demand(relative.length <= MAX_PARTS && relative.flat().length <= MAX_PARTS, 'asn1.too_many', 'name');
  const countries = relative.flat().filter(({ type }) => type === '2.5.4.6');
  return {
    text: [...relative]
      .reverse()
      .map((set) => set.map(({ type, value }) => `${SHORT[type] ?? type}=${escaped(value)}`).join('+'))
      .join(','),
    key: JSON.stringify(relative.map((set) => set.map(({ type, value }) => `${type}=${folded(value)}`).sort()).sort()),
    country: countries.length === 1 ? countries[0]!.value.trim().toUpperCase() : '',
  };
}

/** Whether two names are the same; bytes that are alike, as nearly always, need no reading. */
export const isSameName = (one: Node | undefined, other: Node | undefined): boolean =>
  (one && other && one.bytes.equals(other.bytes)) || nameFrom(one).key === nameFrom(other).key;

/** The text of a DirectoryString or IA5String, whatever its type; another value as `#` and hexadecimal (RFC 4514 §2.4). */
function stringOf(node: Node | undefined): string {
  const { tag, value, bytes } = node ?? expect(node, TAG.utf8String);
  if (tag === TAG.utf8String) return value.toString('utf8');
  // PrintableString, TeletexString, IA5String, VisibleString: Latin-1 holds what occurs in practice.
  if (tag === TAG.printableString || tag === 0x14 || tag === 0x16 || tag === 0x1a) return value.toString('latin1');
  if (tag === 0x1e && value.length % 2 === 0) return Buffer.from(value).swap16().toString('utf16le');
  return `#${bytes.toString('hex')}`;
}

const folded = (value: string): string => value.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a report
const STRANGE = /[\u0000-\u001f\u007f,+"\\<>;=]/g;
const escaped = (value: string): string => value.replace(STRANGE, (sign) => (/[ -~]/.test(sign) ? `\\${sign}` : '?'));
