import { stringify } from 'yaml';
import { readYaml } from '../../../platform/plain-values/yaml.ts';

/** What somebody wrote as YAML, of which JSON is a part, or where it cannot be understood. */
export function readDocument(
  text: string,
):
  | { readonly read: true; readonly value: unknown }
  | { readonly read: false; readonly faults: readonly { readonly path: string; readonly message: string }[] } {
  const yaml = readYaml(text);
  if (yaml.read) return { read: true, value: yaml.value };
  return {
    read: false,
    faults: yaml.faults.map(({ line, column, message }) => ({ path: `${line}:${column}`, message })),
  };
}

/** A value as a person edits it. */
export const writeDocument = (value: unknown): string => stringify(value, { lineWidth: 0 });
