import { declarations, declared } from '../config/settings.ts';
import { declaredErrors } from '../platform/errors.ts';

/** The tables of the README that are made from the sources, by the name of their markers. */
export const tables: Readonly<Record<string, () => string>> = { settings: settingsTable, errors: errorsTable };

const marker = (name: string, end = false): string => `<!-- ${end ? '/' : ''}generated: ${name} -->`;

/** The text with every table between its markers made anew. A marker that is not there is a mistake of ours. */
export function withTables(text: string): string {
  return Object.entries(tables).reduce((before, [name, table]) => {
    const [from, to] = [before.indexOf(marker(name)), before.indexOf(marker(name, true))];
    if (from < 0 || to < from) throw new Error(`README.md has no markers for the table of ${name}`);
    return `${before.slice(0, from)}${marker(name)}\n\n${table()}\n\n${before.slice(to)}`;
  }, text);
}

function settingsTable(): string {
  return table([
    ['Setting', 'Default', 'What for'],
    ...declared.map(([key, { name, secret, about }]) => [
      `\`${name}\`${secret ? ' (secret)' : ''}`,
      defaultOf(key),
      about,
    ]),
  ]);
}

/** A default is what the rule answers to nothing; what answers nothing has none, and either must or may be given. */
function defaultOf(key: keyof typeof declarations): string {
  const { rule, production } = declarations[key] as (typeof declared)[number][1];
  const parsed = rule.safeParse(undefined);
  if (!parsed.success || production === 'required') return 'required';
  if (production === 'refused') return 'sandbox only';
  const text = Array.isArray(parsed.data) ? parsed.data.join(', ') : String(parsed.data ?? '');
  return text === '' ? '' : `\`${text}\``;
}

function errorsTable(): string {
  return table([
    ['Code', 'Status', 'When'],
    ...declaredErrors().map(([code, { status, when }]) => [`\`${code}\``, String(status), when]),
  ]);
}

/** Laid out as the formatter of the sources lays it out, so that neither undoes the other. */
function table(rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (escaped[0] ?? []).map((_, column) =>
    Math.max(3, ...escaped.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const [head = '', ...body] = escaped.map((cells) =>
    line(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0))),
  );
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}
