import { readFile } from 'node:fs/promises';
import type { Fault } from './client.ts';
import { needsSecret, type ParsedRegistration, parseRegistration } from './registration.ts';

/** A client of a file: a registration and, where it needs one, the secret that its developer chose. */
export interface FileClient {
  readonly registration: ParsedRegistration;
  readonly secret?: string;
}

/** Long enough that its hash cannot be searched through. */
const SHORTEST_SECRET = 32;

/** `{"clients": […]}`, or every fault in it, each with the place of its client and member. */
export async function readClientsFile(
  path: string,
): Promise<
  { readonly read: true; readonly clients: FileClient[] } | { readonly read: false; readonly faults: Fault[] }
> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const missing = (error as { code?: string }).code !== undefined;
    const message = missing ? 'The file cannot be read.' : `This is no JSON: ${(error as Error).message}`;
    return { read: false, faults: [{ path: '', message }] };
  }
  const list = (content as { clients?: unknown } | null)?.clients;
  if (!Array.isArray(list))
    return { read: false, faults: [{ path: 'clients', message: 'A list of clients is missing.' }] };

  const faults: Fault[] = [];
  const clients: FileClient[] = [];
  const ids = new Set<string>();
  for (const [index, item] of (list as unknown[]).entries()) {
    const at = (fault: Fault): void =>
      void faults.push({ path: `clients.${index}${fault.path ? '.' : ''}${fault.path}`, message: fault.message });
    if (typeof item !== 'object' || item === null) {
      at({ path: '', message: 'A client is an object.' });
      continue;
    }
    const { secret, ...rest } = item as Record<string, unknown>;
    const parsed = parseRegistration(rest);
    if (!parsed.parsed) parsed.faults.forEach(at);
    if (rest.environment === 'production')
      at({ path: 'environment', message: 'A file brings clients of a sandbox only.' });
    if (secret !== undefined && (typeof secret !== 'string' || secret.length < SHORTEST_SECRET)) {
      at({ path: 'secret', message: `A secret has at least ${SHORTEST_SECRET} characters.` });
    }
    if (!parsed.parsed) continue;
    const { registration } = parsed;
    if (needsSecret(registration) !== (secret !== undefined)) {
      at({
        path: 'secret',
        message: needsSecret(registration) ? 'A secret is missing.' : 'This client has no secret.',
      });
    }
    if (ids.has(registration.clientId)) at({ path: 'clientId', message: 'Another client of the file has this id.' });
    ids.add(registration.clientId);
    clients.push({ registration, ...(typeof secret === 'string' ? { secret } : {}) });
  }
  return faults.length > 0 ? { read: false, faults } : { read: true, clients };
}
