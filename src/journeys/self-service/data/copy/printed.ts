import { notesOf } from '../../../../platform/request.ts';
import { namesOf } from '../../page-parts.ts';
import type { Visitor } from '../../visitor.ts';
import type { PrintedSection } from '../models.ts';
import { SECTIONS } from './copy.ts';
import type { Line, LineTools, Section } from './section.ts';

/** So many of a list are on the page, the newest: it has to stay light for an old telephone. The file has the others. */
export const PRINTED = 50;
/** So many are on a page of one list alone. */
const OF_ONE = 250;
/** Counted so far and no further: of a list with more the page says that. */
export const PRINTED_COUNTED = 1_000;

const toolsOf = (visitor: Visitor): LineTools => ({
  nameOf: namesOf(visitor),
  locale: notesOf(visitor.ctx.req).locale,
  claimsOf: ({ scopes, claims }) =>
    scopes ? visitor.parts.claimsOf({ scopes, claims }) : visitor.parts.readableClaims(claims),
});

const urlOf = (member: string, page: number): string => `/account/data/print?list=${member}&page=${page}`;

/** The lists of the copy as a page has them: the newest of each, in words. */
export async function printedSections(visitor: Visitor): Promise<PrintedSection[]> {
  const tools = toolsOf(visitor);
  const sections: PrintedSection[] = [];
  for (const section of SECTIONS) sections.push(await printed(visitor, section, tools));
  return sections;
}

/** One list alone, a page of it at a time: so the whole of it can be printed. Nothing where there is no such list. */
export async function printedList(visitor: Visitor, member: string, page: number): Promise<PrintedSection | undefined> {
  const section = SECTIONS.find(({ name }) => name === member);
  if (!section) return undefined;
  const tools = toolsOf(visitor);
  const lines: Required<Line>[] = [];
  const [from, to] = [(page - 1) * OF_ONE, page * OF_ONE];
  let count = 0;
  for await (const rows of section.rows(visitor, new Set(), true)) {
    for (const row of rows.slice(Math.max(0, from - count), Math.max(0, to - count)))
      lines.push({ claims: [], ...(await section.line(row as never, tools)) });
    count += rows.length;
    if (count > to) break;
  }
  return { member, lines, count: lines.length, moreUrl: count > to ? urlOf(member, page + 1) : null };
}

async function printed(visitor: Visitor, section: Section, tools: LineTools): Promise<PrintedSection> {
  const lines: Required<Line>[] = [];
  let count = 0;
  for await (const rows of section.rows(visitor, new Set(), true)) {
    for (const row of rows.slice(0, PRINTED - lines.length))
      lines.push({ claims: [], ...(await section.line(row as never, tools)) });
    count += rows.length;
    if (count > PRINTED_COUNTED) break;
  }
  const moreUrl = count > lines.length ? urlOf(section.name, 1) : null;
  return { member: section.name, lines, count: Math.min(count, PRINTED_COUNTED + 1), moreUrl };
}
