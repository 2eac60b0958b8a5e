import type { Finding } from '../../domain/approvals/index.ts';
import { type FileClient, needsSecret, parseRegistration } from '../../domain/relying-parties/index.ts';
import { type FieldChange, fieldDiff } from '../../platform/plain-values/field-diff.ts';
import type { Progress } from '../progress.ts';
import type { Current, Registry } from './registry.ts';

/** One client of the files beside what the server has of it. */
export interface Compared {
  readonly client: FileClient;
  readonly state: 'new' | 'changed' | 'same';
  readonly changes: readonly FieldChange[];
  /** Missing when it is new there. */
  readonly now?: Current;
  /** What about its relying party the server will refuse, or change at other clients too. */
  readonly findings: readonly Finding[];
  /** It will need a secret, and has none. */
  readonly lacksSecret: boolean;
}

/** Files and server, side by side. */
export interface Comparison {
  readonly clients: readonly Compared[];
  /** On the server and in none of the files: told, and never touched. */
  readonly unlisted: readonly string[];
}

/** Looks up every client of the files, one after the other. */
export async function compare(
  registry: Registry,
  files: readonly FileClient[],
  progress: Progress,
): Promise<Comparison> {
  try {
    const clients: Compared[] = [];
    for (const [index, client] of files.entries()) {
      clients.push(await compared(registry, client));
      progress.at(index + 1, files.length);
    }
    const listed = new Set(files.map(({ registration }) => registration.clientId));
    return { clients, unlisted: (await registry.ids()).filter((id) => !listed.has(id)) };
  } finally {
    progress.end();
  }
}

async function compared(registry: Registry, client: FileClient): Promise<Compared> {
  const { registration, secret } = client;
  const now = await registry.current(registration.clientId);
  // With the defaults that a file gets too, so that only what somebody wrote makes a difference.
  const parsed = now && parseRegistration(now.registration);
  const before = parsed?.parsed ? parsed.registration : undefined;
  // A secret of a sandbox is compared as the token endpoint would: neither one is ever shown.
  const otherSecret = now && secret !== undefined && !(await registry.isSecret?.(registration.clientId, secret));
  const changes = [
    ...fieldDiff(plain(before ?? now?.registration), plain(registration)),
    ...(otherSecret ? [{ path: 'secret', before: '[secret]', after: '[secret]' }] : []),
  ];
  const state = !now ? 'new' : changes.length > 0 ? 'changed' : 'same';
  return {
    ...{ client, changes, state },
    findings: state === 'same' ? [] : ((await registry.beside?.(registration)) ?? []),
    lacksSecret: needsSecret(registration) && !(before && needsSecret(before)),
    ...(now ? { now } : {}),
  };
}

/** As it is stored and read back: what JSON leaves out makes no difference. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
