import { createHash } from 'node:crypto';

/** One statement with its values apart. Make it with the `sql` tag only: values can then never become text. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
}

const isSql = (part: unknown): part is Sql => typeof part === 'object' && part !== null && fragments.has(part as Sql);

const fragments = new WeakSet<Sql>();

const make = (text: string, values: readonly unknown[]): Sql => {
  const statement: Sql = { text, values };
  fragments.add(statement);
  return statement;
};

/** Moves the placeholders of `text` up by `offset`. */
const shifted = (text: string, offset: number): string =>
  offset === 0 ? text : text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + offset}`);

/**
 * A statement: sql`SELECT … WHERE id = ${id}`. A part that is itself made by `sql` is spliced in; anything else becomes a
 * placeholder. A dollar sign followed by a digit must not stand in the literal text.
 */
export function sql(strings: TemplateStringsArray, ...parts: unknown[]): Sql {
  let text = strings[0] ?? '';
  const values: unknown[] = [];
  parts.forEach((part, index) => {
    if (isSql(part)) {
      text += shifted(part.text, values.length);
      values.push(...part.values);
    } else {
      values.push(part);
      text += `$${values.length}`;
    }
    text += strings[index + 1] ?? '';
  });
  return make(text, values);
}

/** Splices several statements with a separator between them, `sql.join([a, b], ' AND ')`. */
sql.join = (statements: readonly Sql[], separator: string): Sql => {
  let text = '';
  const values: unknown[] = [];
  statements.forEach((statement, index) => {
    if (index > 0) text += separator;
    text += shifted(statement.text, values.length);
    values.push(...statement.values);
  });
  return make(text, values);
};

/** A piece of text of our own: a name or a keyword from our sources, never anything that came from outside. */
sql.raw = (text: string): Sql => make(text, []);

const names = new Map<string, string>();

/** The name under which a text is prepared once a connection; bounded, since only our own texts arrive here. */
export function preparedName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= 2000) return undefined;
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
  names.set(text, name);
  return name;
}
