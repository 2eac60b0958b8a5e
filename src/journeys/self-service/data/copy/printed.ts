import { namesOf } from '../../page-parts.ts';
import type { Visitor } from '../../visitor.ts';
import type { PrintedSection } from '../models.ts';
import { SECTIONS } from './copy.ts';
import type { Line, LineTools, Section } from './section.ts';

/** So many of a list are on the page, the newest: it has to stay light for an old telephone. The file has the others. */
export const PRINTED = 50;
/** Counted so far and no further: of a list with more the page says that. */
export const PRINTED_COUNTED = 1_000;

/** The lists of the copy as a page has them: the newest of each, in words. */
export async function printedSections(visitor: Visitor): Promise<PrintedSection[]> {
  const { parts } = visitor;
  const tools: LineTools = {
    nameOf: namesOf(visitor),
    claimsOf: ({ scopes, claims }) => (scopes ? parts.claimsOf({ scopes, claims }) : parts.readableClaims(claims)),
  };
  const sections: PrintedSection[] = [];
  for (const section of SECTIONS) sections.push(await printed(visitor, section, tools));
  return sections;
}

async function printed(visitor: Visitor, section: Section, tools: LineTools): Promise<PrintedSection> {
  const lines: Required<Line>[] = [];
  let count = 0;
  for await (const rows of section.rows(visitor, new Set())) {
    for (const row of rows.slice(0, PRINTED - lines.length))
      lines.push({ claims: [], ...(await section.line(row as never, tools)) });
    count += rows.length;
    if (count > PRINTED_COUNTED) break;
  }
  return { member: section.name, lines, count: Math.min(count, PRINTED_COUNTED + 1) };
}
