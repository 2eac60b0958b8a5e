import { type KeptParty, partyFindings } from '../../domain/relying-parties/index.ts';
import { CommandFault } from '../command-fault.ts';
import { createAdminApi, Problem } from './admin-api.ts';
import type { Current, Put, Registry, Request } from './registry.ts';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** The registry behind an admin API, where an operator's own program drafts and proposes in that operator's name. */
export async function remoteRegistry(issuer: string, clientId: string, keyFile: string): Promise<Registry> {
  const api = await createAdminApi({ issuer, clientId, keyFile });
  const all = async <Item>(path: string, query: Record<string, string>): Promise<Item[]> => {
    const items: Item[] = [];
    for (let cursor: string | undefined; ; ) {
      const more = new URLSearchParams({ ...query, limit: '100', ...(cursor === undefined ? {} : { cursor }) });
      const page = await api.get<Page<Item>>(`${path}?${more}`);
      items.push(...(page?.items ?? []));
      cursor = page?.next;
      if (cursor === undefined) return items;
    }
  };
  const put = async (path: string, body: unknown, revision?: number): Promise<Put> => {
    try {
      return { done: true, request: await api.post<Request>(path, body, revision) };
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return { done: false, faults: faultsOf(error) };
      throw error;
    }
  };
  return {
    current: (id) => api.get<Current>(`/clients/${encodeURIComponent(id)}`),
    async beside({ clientId, relyingParty: said }) {
      const { id } = said;
      const [party, now] = await Promise.all([
        api.get<Party>(`/relying-parties/${id}`),
        api.get<Current>(`/clients/${encodeURIComponent(clientId)}`),
      ]);
      // What is new there cannot be looked up by its legal entity: of that the draft tells.
      const kept = { ...keptIn(party), ...clientIn(now) };
      return partyFindings({ relyingParty: said }, kept, async ({ party: altered }) => {
        if (altered === undefined) return { count: 0, first: [] };
        const lines = await all<{ clientId: string }>('/clients', { relyingParty: altered });
        const others = lines.map((line) => line.clientId).filter((other) => other !== clientId);
        return { count: others.length, first: others.slice(0, 10) };
      });
    },
    ids: async () => (await all<{ clientId: string }>('/clients', {})).map((line) => line.clientId),
    async drafter() {
      const self = await api.get<{ operatorId: string }>('/self');
      if (!self) throw new CommandFault(1, 'The admin API does not say whom this client acts for.');
      return self.operatorId;
    },
    async open(subject) {
      const lists = ['draft', 'proposed', 'scheduled'].map((state) =>
        all<Request>('/change-requests', { kind: 'client', subject, state }),
      );
      return (await Promise.all(lists)).flat();
    },
    draft: (value, reason) => put('/change-requests', { kind: 'client', value, reason }),
    propose: ({ id, revision }) => put(`/change-requests/${id}/propose`, {}, revision),
  };
}

/** A relying party as the admin API has it. */
type Party = Omit<NonNullable<KeptParty['party']>, 'legalEntity'> & {
  readonly legalEntity: string;
  readonly entityName: { readonly vi: string; readonly en: string };
};

function keptIn(party: Party | undefined): Pick<KeptParty, 'party' | 'entityName'> {
  if (!party) return {};
  const { legalEntity, entityName, ...rest } = party;
  return { party: { ...rest, legalEntity: { id: legalEntity, name: entityName } }, entityName };
}

function clientIn(now: Current | undefined): Pick<KeptParty, 'client'> {
  const had = now?.registration.relyingParty as KeptParty['party'];
  return had ? { client: { party: had.id, entity: had.legalEntity.id } } : {};
}

/** What the problem document says is wrong: with the value, or with what its test found. */
function faultsOf({ members, status, code }: Problem): { path: string; message: string }[] {
  if (status === 401 || status === 403) throw new CommandFault(1, `The admin API refuses this: ${code}.`);
  const listed = [members.errors, members.findings].filter(Array.isArray).flat() as {
    path?: string;
    message?: string;
    level?: string;
  }[];
  const faults = listed
    .filter(({ level }) => level !== 'warning')
    .map(({ path = '', message = code }) => ({ path: path.replace(/^body\.value\.?|^body\.?/, ''), message }));
  return faults.length > 0 ? faults : [{ path: '', message: code }];
}
