import type { ChangeRequest } from '../../src/domain/approvals/index.ts';
import { type Acting, ROLES } from '../../src/domain/operators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { type ApiProgram, hire, program } from './api-operators.ts';
import { aRegistration } from './clients.ts';
import { startServer, type TestServer } from './server.ts';

/** A client as it is proposed for production; every call has a client id of its own. */
export function aProductionClient() {
  const made = aRegistration();
  return {
    ...made,
    relyingParty: {
      ...made.relyingParty,
      // Not the one of the sandbox's own clients: who comes to that says the same of it.
      id: 'lotus-air-real',
      sector: 'aviation',
      contacts: { dataProtection: 'dpo@lotus.example', technical: 'it@lotus.example', security: 'soc@lotus.example' },
    },
    environment: 'production',
    metadata: {
      redirect_uris: ['https://lotus.example/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
    },
    purposes: [
      {
        ...{ id: 'check-in', text: { vi: 'làm thủ tục', en: 'check in' } },
        ...{ scopes: ['openid', 'profile', 'assurance'], claims: [] },
      },
    ],
  };
}

/** The number of whom `anInvitation` invites. */
export const INVITED_NUMBER = '097090000077';

/** An operator as they are invited; every call has an id and an address of its own. */
export function anInvitation() {
  const id = newId();
  return {
    ...{ id, identityNumber: INVITED_NUMBER, name: 'Phạm Thị Mới', email: `${id}@senid.example` },
    ...{ office: '01', roles: ['intake'], state: 'invited' },
  };
}

/** A server with something in every list of the admin API, and nothing that happens by itself. */
export interface ApiScene {
  readonly server: TestServer;
  /** With every role; none of what is there is theirs. */
  readonly everybody: Acting;
  readonly mai: Acting;
  readonly proposer: ApiProgram;
  readonly approver: ApiProgram;
  /** A client in production, with two versions. */
  readonly client: ReturnType<typeof aProductionClient>;
  /** Change requests of another client in each state that can be made, and one that invites an operator. */
  readonly requests: Readonly<
    Record<'draft' | 'proposed' | 'applied' | 'operator', Pick<ChangeRequest, 'id' | 'revision'>>
  >;
  readonly delivery: string;
  draft(value?: unknown): Promise<ChangeRequest>;
  proposed(value?: unknown): Promise<ChangeRequest>;
  applied(value?: unknown): Promise<ChangeRequest>;
}

export async function apiScene(): Promise<ApiScene> {
  const server = await startServer({ jobs: false });
  const [mai, binh, everybody] = [
    await hire(server, ['rp_admin']),
    await hire(server, ['approver']),
    await hire(server, ROLES),
  ];
  const [proposer, approver] = [await program(server, mai), await program(server, binh)];
  const { approvals } = server.app.parts;
  const draft = async (value: unknown = aProductionClient()): Promise<ChangeRequest> => {
    const made = await approvals.draft({ kind: 'client', value, reason: 'a new airline', by: mai });
    return made.drafted ? made.request : Promise.reject(new Error(JSON.stringify(made)));
  };
  const proposed = async (value?: unknown): Promise<ChangeRequest> => {
    const { id, revision } = await draft(value);
    const step = await approvals.propose(id, { revision, by: mai });
    return step.done ? step.request : Promise.reject(new Error(JSON.stringify(step)));
  };
  const applied = async (value?: unknown): Promise<ChangeRequest> => {
    const { id, revision } = await proposed(value);
    const step = await approvals.approve(id, { revision, by: binh });
    return step.done ? step.request : Promise.reject(new Error(JSON.stringify(step)));
  };
  const invited = async (by: Acting): Promise<ChangeRequest> => {
    const made = await approvals.draft({ kind: 'operator', value: anInvitation(), reason: 'a colleague', by });
    if (!made.drafted) throw new Error(JSON.stringify(made));
    const step = await approvals.propose(made.request.id, { revision: made.request.revision, by });
    return step.done ? step.request : Promise.reject(new Error(JSON.stringify(step)));
  };
  const client = aProductionClient();
  await applied(client);
  await applied({ ...client, purpose: { vi: 'bay', en: 'fly' } });
  const delivery = newId();
  await server.database.execute(sql`
    INSERT INTO deliveries (id, client_id, subscriber_id, sign_out, queued_at, attempts, last_failure, dead_at)
    VALUES (${delivery}, ${client.clientId}, (SELECT id FROM subscribers LIMIT 1), ${newId()}, now(), 8, 'status 503', now())`);
  const requests = {
    ...{ draft: await draft(), proposed: await proposed(), applied: await applied() },
    operator: await invited(await hire(server, ['sysadmin'])),
  };
  await server.app.parts.journal.seal();
  return { server, everybody, mai, proposer, approver, client, requests, delivery, draft, proposed, applied };
}
