import type { Node } from '../asn1/read.ts';
import { expect, smallInteger, TAG } from '../asn1/values.ts';
import { demand, refuse } from '../refusal.ts';
import { DATA_GROUP_TAGS, FILE_LIMITS } from './data-groups.ts';
import { readFile } from './file.ts';

/** The Vietnamese national data, every text as the card has it (NFC). A card has what its issue holds: all may be absent. */
export interface NationalData {
  /** Twelve digits. */
  readonly personalNumber?: string;
  readonly fullName?: string;
  readonly birthDate?: string;
  readonly sex?: string;
  readonly nationality?: string;
  readonly ethnicity?: string;
  readonly religion?: string;
  readonly placeOfOrigin?: string;
  readonly residence?: string;
  readonly identifyingMarks?: string;
  readonly issueDate?: string;
  readonly expiryDate?: string;
  readonly fatherName?: string;
  readonly motherName?: string;
  readonly spouseName?: string;
  /** The identity card of nine digits that this number replaced. */
  readonly oldNumber?: string;
  readonly personalCode?: string;
}

/**
 * The numbers of the entries. The layout is not published: this is how readers of real cards take it, and they disagree
 * whether the old number is 15 or 16 (`domain.md` §4). 13 holds two names, 15 and 16 are told apart by their digits.
 */
export const ENTRIES = {
  1: 'personalNumber',
  2: 'fullName',
  3: 'birthDate',
  4: 'sex',
  5: 'nationality',
  6: 'ethnicity',
  7: 'religion',
  8: 'placeOfOrigin',
  9: 'residence',
  10: 'identifyingMarks',
  11: 'issueDate',
  12: 'expiryDate',
  14: 'spouseName',
} as const satisfies Record<number, keyof NationalData>;
export const PARENTS = 13;
export const OLD_NUMBER = [15, 16] as const;

const MAX_ENTRIES = 64;
const MAX_OCTETS = 2_000;
/** Containers around the entries, at most: their number differs between descriptions. */
const MAX_WRAPPERS = 3;
const TEXTS: readonly number[] = [TAG.utf8String, TAG.printableString, 0x12, 0x16, 0x1a];
const CONTAINERS: readonly number[] = [TAG.sequence, TAG.set];

/**
 * EF.DG13 of a Vietnamese card: `6D`, in it a SEQUENCE of entries, each a number and its value. Unknown numbers are
 * ignored, a number that comes twice is refused. Dates stay as written (`dd/MM/yyyy`, or words where there is no end).
 * @throws Refused input.too_large, asn1.*, dg.malformed
 */
export function parseDg13(file: Buffer): NationalData {
  const root = expect(readFile(file, FILE_LIMITS.DG13), DATA_GROUP_TAGS[13]);
  const entries = entriesOf(root.children, 0);
  demand(entries.length > 0 && entries.length <= MAX_ENTRIES, 'dg.malformed');
  const values = new Map(entries.map((entry) => [smallInteger(entry.children[0]), entry.children.slice(1)]));
  demand(values.size === entries.length, 'dg.malformed', 'an entry twice');

  const data: { -readonly [Name in keyof NationalData]: NationalData[Name] } = {};
  for (const [number, name] of Object.entries(ENTRIES)) {
    const [text, ...more] = textsOf(values.get(Number(number)) ?? []);
    demand(more.length === 0, 'dg.malformed', `entry ${number}`);
    if (text) data[name] = text;
  }
  const [father, mother, ...others] = textsOf(values.get(PARENTS) ?? []);
  demand(others.length === 0, 'dg.malformed', `entry ${PARENTS}`);
  if (father) data.fatherName = father;
  if (mother) data.motherName = mother;
  for (const number of OLD_NUMBER) {
    const [text] = textsOf(values.get(number) ?? []);
    if (!text) continue;
    if (/^\d{9}$/.test(text) && data.oldNumber === undefined) data.oldNumber = text;
    else data.personalCode = text;
  }
  demand(data.personalNumber === undefined || /^\d{12}$/.test(data.personalNumber), 'dg.malformed', 'entry 1');
  return data;
}

/** A SEQUENCE that begins with a number and holds texts, or one container of texts. */
const isEntry = ({ tag, children }: Node): boolean =>
  CONTAINERS.includes(tag) && children[0]?.tag === TAG.integer && children.slice(1).every(isValue);
const isValue = ({ tag, children }: Node): boolean =>
  TEXTS.includes(tag) || (CONTAINERS.includes(tag) && children.every(isValue));

const entriesOf = (nodes: readonly Node[], depth: number): Node[] =>
  nodes.flatMap((node) => {
    if (isEntry(node)) return [node];
    return depth < MAX_WRAPPERS && CONTAINERS.includes(node.tag) ? entriesOf(node.children, depth + 1) : [];
  });

const textsOf = (nodes: readonly Node[]): string[] =>
  nodes.flatMap((node) => (TEXTS.includes(node.tag) ? [textOf(node)] : textsOf(node.children)));

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Strict UTF-8 in NFC; no control characters but those of layout, none that turn the direction of writing. */
function textOf({ value }: Node): string {
  demand(value.length <= MAX_OCTETS, 'dg.malformed');
  let text: string;
  try {
    text = UTF8.decode(value).normalize('NFC');
  } catch {
    return refuse('dg.malformed', 'not UTF-8');
  }
  demand(!/[\p{Cc}\p{Cn}\p{Co}\u202a-\u202e\u2066-\u2069]/u.test(text.replace(/[\t\n\r]/g, '')), 'dg.malformed');
  return text;
}
