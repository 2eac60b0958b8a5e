import {
  type FileClient,
  parseRegistration,
  type RelyingParties,
  secretMatches,
} from '../../domain/relying-parties/index.ts';
import { type FieldChange, fieldDiff } from '../../platform/plain-values/field-diff.ts';
import type { Progress } from '../progress.ts';

/** One client of the files beside what the server has of it. */
export interface Compared {
  readonly client: FileClient;
  readonly state: 'new' | 'changed' | 'same';
  readonly changes: readonly FieldChange[];
  /** Of what the server has; missing when it is new there. */
  readonly version?: string;
  /** Somebody stopped it. No file starts it again. */
  readonly stopped: boolean;
  /** Whether the server holds a secret of it. */
  readonly hasSecret: boolean;
}

/** Files and server, side by side. */
export interface Comparison {
  readonly clients: readonly Compared[];
  /** On the server and in none of the files: told, and never touched. */
  readonly unlisted: readonly string[];
}

type Server = Pick<RelyingParties, 'find' | 'search' | 'versions'>;

export async function compare(server: Server, files: readonly FileClient[], progress: Progress): Promise<Comparison> {
  const clients: Compared[] = [];
  for (const [index, client] of files.entries()) {
    clients.push(await compared(server, client));
    progress.at(index + 1, files.length);
  }
  progress.end();
  const listed = new Set(files.map(({ registration }) => registration.clientId));
  return { clients, unlisted: (await idsOf(server)).filter((id) => !listed.has(id)) };
}

async function compared(server: Server, client: FileClient): Promise<Compared> {
  const { clientId } = client.registration;
  const [now] = await server.versions(clientId, { limit: 1 });
  const found = now && (await server.find(clientId));
  const hasSecret = found?.secretHash !== undefined;
  // A secret of a sandbox is compared as it would be at the token endpoint: neither is ever shown.
  const otherSecret = now && client.secret !== undefined && !(found && secretMatches(found, client.secret));
  const changes = [
    ...fieldDiff(now && registered(now.registration), plain(client.registration)),
    ...(otherSecret ? [{ path: 'secret', before: '[secret]', after: '[secret]' }] : []),
  ];
  return {
    client,
    changes,
    state: !now ? 'new' : changes.length > 0 ? 'changed' : 'same',
    stopped: now?.disabled === true,
    hasSecret,
    ...(now ? { version: String(now.number) } : {}),
  };
}

/** With the defaults that a file gets too, so that only what somebody wrote makes a difference. */
function registered(stored: Readonly<Record<string, unknown>>): unknown {
  const parsed = parseRegistration(stored);
  return parsed.parsed ? plain(parsed.registration) : stored;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function idsOf(server: Server): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await server.search({ limit: PAGE, ...(ids.length > 0 ? { after: ids.at(-1)! } : {}) });
    ids.push(...page.map(({ clientId }) => clientId));
    if (page.length < PAGE) return ids;
  }
}

const PAGE = 200;
