import { readSettings } from '../config/load.ts';
import { declared } from '../config/settings.ts';
import { Secret } from '../platform/secret.ts';
import type { Context } from './context.ts';
import { columns } from './terminal.ts';

const WIDEST = 40;

/** `senid settings`: every setting, what it is now and what it is for; then what is wrong. Secrets show as [secret]. */
export async function settingsCommand({ terminal, environment }: Context): Promise<number> {
  const read = readSettings(environment);
  const faults = 'faults' in read ? read.faults : [];
  const rows = declared.map(([key, { name, rule, about, secret }]) => {
    const given = Boolean(environment[name] || (secret && environment[`${name}_FILE`]));
    return {
      name,
      value: shown('settings' in read ? read.settings[key] : rule.safeParse(environment[name]).data),
      given,
      about,
    };
  });
  terminal.answer({ settings: rows, faults }, [
    ...columns([
      ['setting', 'value', '', 'what for'],
      ...rows.map(({ name, value, given, about }) => [
        name,
        value.length > WIDEST ? `${value.slice(0, WIDEST - 1)}…` : value,
        given ? '' : 'default',
        about,
      ]),
    ]),
    ...(faults.length > 0 ? ['', ...faults.map((fault) => terminal.bad(`✗ ${fault}`))] : []),
  ]);
  return faults.length > 0 ? 78 : 0;
}

const shown = (value: unknown): string => {
  if (value === undefined) return '';
  if (value instanceof Secret) return String(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
};
