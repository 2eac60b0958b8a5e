import type { Message } from '../../../../platform/messages.ts';
import type { namesOf } from '../../page-parts.ts';
import type { Visitor } from '../../visitor.ts';

/** Rows of a page; who has more than `MOST` of a list is told so in the copy. */
const PAGE = 500;
const MOST = 50_000;

/** Something of a list on the printed page: when it was, and what it was in words, one after the other. */
export interface Line {
  readonly at: Date | null;
  readonly words: readonly (Message | { readonly text: string })[];
  /** Names of claims that it was about. */
  readonly claims?: readonly string[];
}

/** Which lists were cut, so that a copy does not call itself whole. */
export type Cut = Set<string>;

/** A list of the copy: the same rows make the file, and the words of the printed page. */
export interface Section {
  /** Its member in the file; its heading is `printed.section.<name>`. */
  readonly name: string;
  /** The newest first, a page at a time. */
  rows(visitor: Visitor, cut: Cut, printed?: boolean): AsyncIterable<readonly object[]>;
  line(row: never, tools: LineTools): Promise<Line> | Line;
}

/** What a line is worded with. */
export interface LineTools {
  readonly nameOf: ReturnType<typeof namesOf>;
  /** The language of the page. */
  readonly locale: 'vi' | 'en';
  /** The names of the claims that are worth reading. */
  claimsOf(asked: { readonly scopes?: readonly string[]; readonly claims: readonly string[] }): readonly string[];
}

interface SectionOf<Row extends object> {
  rows(visitor: Visitor, cut: Cut, printed?: boolean): AsyncIterable<readonly Row[]>;
  line(row: Row, tools: LineTools): Promise<Line> | Line;
}

/** Declares one; the type of a line's row follows from the rows. */
export const section = <Row extends object>(name: string, one: SectionOf<Row>): Section =>
  ({ name, ...one }) as Section;

/** A list that is short, and read at once. */
export const atOnce = <Row extends object>(
  name: string,
  rows: (visitor: Visitor, limit: number) => Promise<readonly Row[]> | readonly Row[],
  line: SectionOf<Row>['line'],
  most = 1_000,
): Section =>
  section<Row>(name, {
    async *rows(visitor, cut) {
      // One more than is shown: then it is known that there are more.
      const found = await rows(visitor, most + 1);
      if (found.length > most) cut.add(name);
      yield found.slice(0, most);
    },
    line,
  });

/** A page of a list: behind which place it begins, and how many rows it may have. */
export interface Page<Place> {
  readonly before: Place | undefined;
  readonly limit: number;
  /** Only what the printed page has a line for. */
  readonly printed: boolean;
}

/** A list that may be long. `next` answers a page of it, and behind what the one after it begins: nothing when it is the last. */
export const paged = <Row extends object, Place>(
  name: string,
  next: (
    visitor: Visitor,
    page: Page<Place>,
  ) => Promise<{ readonly rows: readonly Row[]; readonly last: Place | undefined }>,
  line: SectionOf<Row>['line'],
): Section =>
  section<Row>(name, {
    async *rows(visitor, cut, printed = false) {
      let before: Place | undefined;
      for (let count = 0; ; ) {
        const { rows, last } = await next(visitor, { before, limit: PAGE, printed });
        if (count + rows.length > MOST) {
          cut.add(name);
          yield rows.slice(0, MOST - count);
          return;
        }
        yield rows;
        count += rows.length;
        before = last;
        if (last === undefined) return;
      }
    },
    line,
  });
