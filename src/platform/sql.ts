import { createHash } from 'node:crypto';

/** One statement with its values apart. Make it with the `sql` tag only: values can then never become text. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
}

const isSql = (part: unknown): part is Fragment => part instanceof Fragment;

/**
 * Text around its values, kept apart until it is sent, so that splicing statements into one another renumbers nothing.
 * Not exported: the `sql` tag is the only way in.
 */
class Fragment implements Sql {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
  #text: string | undefined;
  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings;
    this.values = values;
  }
  get text(): string {
    if (this.#text === undefined) {
      let text = this.strings[0] ?? '';
      for (let index = 1; index < this.strings.length; index += 1) text += `$${index}${this.strings[index]}`;
      this.#text = text;
    }
    return this.#text;
  }
}

/** Strings and values that grow: the last string is open, whatever is added continues it. */
const growing = () => {
  const strings: string[] = [''];
  const values: unknown[] = [];
  const text = (more: string): void => {
    strings[strings.length - 1] += more;
  };
  return {
    text,
    value(value: unknown): void {
      values.push(value);
      strings.push('');
    },
    splice(fragment: Fragment): void {
      text(fragment.strings[0] ?? '');
      for (let index = 1; index < fragment.strings.length; index += 1) strings.push(fragment.strings[index] ?? '');
      values.push(...fragment.values);
    },
    done: (): Sql => new Fragment(strings, values),
  };
};

/** A statement: sql`SELECT … WHERE id = ${id}`. A part that is itself made by `sql` is spliced in; anything else becomes a placeholder. */
export function sql(strings: TemplateStringsArray, ...parts: unknown[]): Sql {
  const statement = growing();
  statement.text(strings[0] ?? '');
  parts.forEach((part, index) => {
    if (isSql(part)) statement.splice(part);
    else statement.value(part);
    statement.text(strings[index + 1] ?? '');
  });
  return statement.done();
}

/** Splices several statements with a separator between them, `sql.join([a, b], ' AND ')`. */
sql.join = (statements: readonly Sql[], separator: string): Sql => {
  const joined = growing();
  statements.forEach((statement, index) => {
    if (index > 0) joined.text(separator);
    joined.splice(statement as Fragment);
  });
  return joined.done();
};

/** A piece of text of our own: a name or a keyword from our sources, never anything that came from outside. */
sql.raw = (text: string): Sql => new Fragment([text], []);

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
