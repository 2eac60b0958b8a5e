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

const table = ([head = [], ...rows]: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
