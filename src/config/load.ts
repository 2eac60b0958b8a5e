import { readFileSync } from 'node:fs';
import { contradictions, isMissing, unsafeSettings } from './profiles.ts';
import { declared, type Settings } from './settings.ts';

/** EX_CONFIG of sysexits.h: something in the configuration must be changed before a start can succeed. */
export const EXIT_CONFIG = 78;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads every setting and answers all of them, or every fault there is, a sentence each. */
export function readSettings(
  environment: Environment,
): { settings: Settings } | { faults: string[]; known: Partial<Settings> } {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, { name, rule, secret, about }] of declared) {
    const found = given(environment, name, secret === true);
    if ('fault' in found) {
      faults.push(found.fault);
      continue;
    }
    const parsed = rule.safeParse(found.text);
    if (parsed.success) values[key] = parsed.data;
    else if (found.text === undefined) faults.push(missing(name, about));
    else faults.push(...new Set(parsed.error.issues.map(({ message }) => `${name} ${message}`)));
  }
  const known = values as Partial<Settings>;
  for (const [key, { name, about }] of declared) {
    if (isMissing(known, key) && !faults.some((fault) => fault.startsWith(`${name} `)))
      faults.push(missing(name, about));
  }
  faults.push(...contradictions(known), ...unsafeSettings(known));
  return faults.length > 0 ? { faults, known } : { settings: values as Settings };
}

const missing = (name: string, about: string): string => `${name} is missing: ${about}`;

/** The same for a process: every fault is printed, and it ends. */
export function settingsOrExit(environment: Environment = process.env): Settings {
  const read = readSettings(environment);
  if ('settings' in read) return read.settings;
  return refuseToStart(read.faults);
}

/** Says in plain sentences why there will be no start, and ends with 78. Values are never repeated: they may be secret. */
export function refuseToStart(faults: readonly string[]): never {
  const [only = ''] = faults;
  const list = faults.map((fault) => `\n  - ${fault}`).join('');
  const what = faults.length === 1 ? only : `${faults.length} things to put right.${list}`;
  process.stderr.write(`SenID does not start: ${what}\n`);
  process.exit(EXIT_CONFIG);
}

/** A setting's text; empty counts as not given, and a secret may lie in the file that NAME_FILE names. */
function given(
  environment: Environment,
  name: string,
  secret: boolean,
): { text: string | undefined } | { fault: string } {
  const text = environment[name]?.trim() || undefined;
  const path = secret ? environment[`${name}_FILE`]?.trim() || undefined : undefined;
  if (path === undefined) return { text };
  if (text !== undefined) return { fault: `${name} and ${name}_FILE are both given: keep one` };
  try {
    return { text: readFileSync(path, 'utf8').trim() || undefined };
  } catch {
    return { fault: `${name}_FILE names ${path}, which cannot be read` };
  }
}
