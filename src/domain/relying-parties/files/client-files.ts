import { readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readYaml } from '../../../platform/plain-values/yaml.ts';
import type { Fault } from '../client.ts';
import { needsSecret, type ParsedRegistration, parseRegistration } from '../registration.ts';

/** A client as a file has it: a registration and, in a sandbox, the secret that its developer chose. */
export interface FileClient {
  readonly registration: ParsedRegistration;
  readonly secret?: string;
  /** Where a member of it stands; missing when no file was read. */
  readonly placed?: (fault: Fault) => FileFault;
}

/** One thing that is wrong, and where: `path` is empty for what is wrong with the file itself. */
export interface FileFault extends Fault {
  readonly file: string;
  /** From one; zero when the file cannot be read. */
  readonly line: number;
  readonly column: number;
}

/** For which server files are read. */
export type FileUse = 'sandbox' | 'production';

const LARGEST = 256 * 1024;
/** Long enough that its hash cannot be searched through. */
const SHORTEST_SECRET = 32;

/**
 * The clients of files and folders, YAML or JSON, one registration a file or a list under `clients:`; or every fault of all of
 * them at once. Of a folder everything is read that ends in .yaml, .yml or .json, but no `*.example.*` and no `*.schema.json`.
 */
export async function readClientFiles(
  paths: readonly string[],
  use: FileUse,
): Promise<
  { readonly read: true; readonly clients: FileClient[] } | { readonly read: false; readonly faults: FileFault[] }
> {
  const faults: FileFault[] = [];
  const clients: (FileClient & { readonly placed: (fault: Fault) => FileFault })[] = [];
  for (const file of paths.flatMap((path) => filesOf(path, faults))) {
    const items = await itemsOf(file);
    if ('faults' in items) faults.push(...items.faults);
    else for (const item of items.items) clients.push(...clientOf(item, use, faults));
  }
  faults.push(...contradictions(clients));
  return faults.length > 0 ? { read: false, faults } : { read: true, clients };
}

/** `clients/airline.yaml:12:5 metadata.jwks: …`, as compilers write it and editors follow it. */
export function faultSentence({ file, line = 0, column = 0, path, message }: Fault & Partial<FileFault>): string {
  const place = file === undefined ? '' : `${file}${line > 0 ? `:${line}:${column}` : ''}`;
  return `${[place, path].filter(Boolean).join(' ')}: ${message}`;
}

function filesOf(path: string, faults: FileFault[]): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter(
      (name) => /^[^.].*\.(ya?ml|json)$/.test(name) && !/\.example\.|\.schema\.json$/.test(name),
    );
    if (names.length === 0) faults.push(ofFile(path, 'There is no file of a client in this folder.'));
    return names.sort().map((name) => join(path, name));
  } catch {
    faults.push(ofFile(path, 'There is no such file or folder.'));
    return [];
  }
}

const ofFile = (file: string, message: string): FileFault => ({ ...{ file, line: 0, column: 0, path: '' }, message });

/** What stands for one client in a file, and how its faults get their place. */
interface Item {
  readonly content: unknown;
  readonly placed: (fault: Fault) => FileFault;
}

async function itemsOf(file: string): Promise<{ items: Item[] } | { faults: FileFault[] }> {
  const text = await textOf(file);
  if (typeof text !== 'string') return { faults: [text] };
  const yaml = readYaml(text);
  if (!yaml.read) return { faults: yaml.faults.map((fault) => ({ file, path: '', ...fault })) };
  const placed = ({ path, message }: Fault): FileFault => ({ file, ...yaml.placeOf(path), path, message });
  if (!isObject(yaml.value)) {
    return { faults: [placed({ path: '', message: 'A file holds one registration, or a list of them: clients.' })] };
  }
  // Editors find the schema by it.
  const { $schema: _, ...content } = yaml.value;
  if (!('clients' in content)) return { items: [{ content, placed }] };
  const { clients, ...others } = content;
  if (!Array.isArray(clients)) return { faults: [placed({ path: 'clients', message: 'This is a list of clients.' })] };
  const strays = Object.keys(others).map((path) => placed({ path, message: 'Beside clients stands nothing else.' }));
  if (strays.length > 0) return { faults: strays };
  return {
    items: (clients as unknown[]).map((each, index) => ({
      content: each,
      placed: ({ path, message }) => placed({ path: `clients.${index}${path && `.${path}`}`, message }),
    })),
  };
}

/** The text of a file, or why there is none. One byte more than allowed tells a file that is too large. */
async function textOf(file: string): Promise<string | FileFault> {
  try {
    await using handle = await open(file, 'r');
    if (!(await handle.stat()).isFile()) return ofFile(file, 'This is no file.');
    const bytes = Buffer.alloc(LARGEST + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = (await handle.read(bytes, length)).bytesRead;
    }
    if (length > LARGEST) return ofFile(file, `This is larger than ${LARGEST / 1024} KiB.`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch (error) {
    return ofFile(file, error instanceof TypeError ? 'This is not UTF-8.' : 'The file cannot be read.');
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function clientOf({ content, placed }: Item, use: FileUse, faults: FileFault[]) {
  const fault = (path: string, message: string): void => void faults.push(placed({ path, message }));
  if (!isObject(content)) {
    fault('', 'A client is an object.');
    return [];
  }
  const { secret, ...rest } = content;
  const parsed = parseRegistration(rest);
  if (!parsed.parsed) faults.push(...parsed.faults.map(placed));
  if (rest.environment === 'production' && use === 'sandbox')
    fault('environment', 'A file brings a sandbox clients of a sandbox only.');
  if (rest.environment === 'sandbox' && use === 'production')
    fault('environment', 'This is no sandbox: here clients are in production.');
  for (const message of secretFaults(secret, use, parsed.parsed ? parsed.registration : undefined))
    fault('secret', message);
  if (!parsed.parsed) return [];
  return [{ registration: parsed.registration, placed, ...(typeof secret === 'string' ? { secret } : {}) }];
}

function secretFaults(secret: unknown, use: FileUse, registration: ParsedRegistration | undefined): string[] {
  if (use === 'production') {
    return secret === undefined ? [] : ['No secret stands in a file: it is made here, and told once.'];
  }
  if (secret !== undefined && (typeof secret !== 'string' || secret.length < SHORTEST_SECRET))
    return [`A secret has at least ${SHORTEST_SECRET} characters.`];
  if (!registration || needsSecret(registration) === (secret !== undefined)) return [];
  return [needsSecret(registration) ? 'A secret is missing.' : 'This client has no secret.'];
}

/** What two clients of these files say differently, and only one of them can be right. */
function contradictions(clients: readonly (FileClient & { readonly placed: (fault: Fault) => FileFault })[]) {
  const ids = new Set<string>();
  const parties = new Map<string, ParsedRegistration['relyingParty']>();
  return clients.flatMap(({ registration: { clientId, relyingParty }, placed }): FileFault[] => {
    const known = parties.get(relyingParty.id) ?? relyingParty;
    const twice = ids.has(clientId);
    ids.add(clientId);
    parties.set(relyingParty.id, known);
    return [
      ...(twice ? [placed({ path: 'clientId', message: 'Another client of these files has this id.' })] : []),
      // Each would undo the other, and no run would ever find nothing to do.
      ...(isDeepStrictEqual(known, relyingParty)
        ? []
        : [placed({ path: 'relyingParty', message: 'Another client says something else of this relying party.' })]),
    ];
  });
}
