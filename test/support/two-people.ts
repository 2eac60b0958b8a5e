import { type Approvals, type ChangeSubject, createApprovals, type Drafted } from '../../src/domain/approvals/index.ts';
import { createJournal } from '../../src/domain/audit/index.ts';
import type { Acting, Role } from '../../src/domain/operators/index.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { sql } from '../../src/platform/sql.ts';

/** Two people of a test who change a subject as operators do: Mai proposes, Bình approves. */
export interface TwoPeople {
  readonly approvals: Approvals;
  readonly mai: Acting;
  readonly binh: Acting;
  draft(value: unknown): Promise<Drafted>;
  /** Drafted and proposed; throws when it is refused. */
  proposed(value: unknown): Promise<{ readonly id: string; readonly revision: number }>;
  /** The whole way. */
  change(value: unknown): Promise<Awaited<ReturnType<Approvals['approve']>>>;
}

/** The rules of `approvals` on one subject; who stands behind a step is this list of two. */
export function twoPeople(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly subject: ChangeSubject;
}): TwoPeople {
  const { database, clock, subject } = parts;
  const hire = (name: string, roles: Role[]): Acting => ({
    ...{
      operatorId: newId(),
      person: `${newId()} ${name}`.padEnd(43, '_').slice(0, 43),
      name,
      office: 'nation',
      roles,
      by: 'console',
    },
  });
  const mai = hire('Mai', ['security', 'rp_admin']);
  const binh = hire('Bình', ['approver']);
  const seated = seat(database, [mai, binh]);
  const approvals = createApprovals({
    sealer: createSealer(new Secret(Buffer.alloc(32, 'two people')), 'approvals'),
    ...{ database, clock, journal: createJournal({ database, clock }), subjects: [subject] },
    standing: async () => new Map([mai, binh].map((one) => [one.operatorId, { ...one, state: 'active' }])),
    failed: (error) => {
      throw error;
    },
  });
  const draft = async (value: unknown) => {
    await seated;
    return approvals.draft({ kind: subject.kind, value, reason: 'a test', by: mai });
  };
  const proposed = async (value: unknown) => {
    const drafted = await draft(value);
    if (!drafted.drafted) throw new Error(JSON.stringify(drafted));
    const { id, revision } = drafted.request;
    const step = await approvals.propose(id, { revision, by: mai });
    if (!step.done) throw new Error(JSON.stringify(step));
    return { id, revision: step.request.revision };
  };
  return {
    ...{ approvals, mai, binh, draft, proposed },
    change: async (value) => {
      const { id, revision } = await proposed(value);
      return approvals.approve(id, { revision, by: binh });
    },
  };
}

/** Puts them among the operators, as if two others had agreed to that: who cannot be a second of somebody is left out. */
export const seat = (database: Database, people: readonly Acting[]): Promise<void> =>
  database.transaction(async (transaction) => {
    // Nobody gets in like this but the owner of the database: the triggers that want two people are off for this transaction.
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    for (const { operatorId, person, name, roles } of people)
      await transaction.execute(sql`
        INSERT INTO operators (id, person, name, email, office, roles, state, created_at, test)
        VALUES (${operatorId}, ${person}, ${name}, ${`${operatorId}@senid.example`}, 'vn', ${roles}::text[], 'active', now(), true)
        ON CONFLICT DO NOTHING`);
  });
