import { newReference } from '../../src/domain/applications/index.ts';
import { CHECK_KINDS } from '../../src/domain/counter/application.ts';
import type { CounterApplication } from '../../src/domain/counter/index.ts';
import { insert, numberHash } from '../../src/domain/counter/store.ts';
import type { Acting, Role } from '../../src/domain/operators/index.ts';
import { newId, newToken } from '../../src/platform/ids.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import type { OpenedCard } from '../../src/sandbox/cards/cards.ts';
import type { drawPerson, PERSONAS } from '../../src/sandbox/index.ts';
import { hire } from './api-operators.ts';
import { seatOf } from './console.ts';
import { type Browser, createBrowser, type Page } from './http-client.ts';
import { pictureOf } from './pictures.ts';
import type { TestServer } from './server.ts';
import { multipart } from './sign-up.ts';
import { evidenceOf } from './virtual-card.ts';

type Persona = (typeof PERSONAS)[number];
type Mark = NonNullable<Parameters<typeof drawPerson>[1]>;

/** An officer in a session of their own. */
export interface Seat {
  readonly operator: Acting;
  /** Of the session. */
  readonly token: string;
  readonly browser: Browser;
}

/** Somebody with these roles, at an office; `number` is that of the human behind them. */
export async function anOfficer(
  server: TestServer,
  roles: readonly Role[],
  { office = '48', number }: { readonly office?: string; readonly number?: string } = {},
): Promise<Seat> {
  const person = number === undefined ? undefined : server.app.parts.operators.personOf(number);
  const operator = await hire(server, roles, person === undefined ? {} : { person });
  await server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`UPDATE operators SET office = ${office} WHERE id = ${operator.operatorId}`);
  });
  const browser = createBrowser();
  const token = await seatOf(server, operator.operatorId);
  browser.cookies.set(server.issuer, 'senid-operator', token);
  return { operator: { ...operator, office }, token, browser };
}

/** What opens what a counter of this server has kept. */
export const counterSealer = ({ environment }: Pick<TestServer, 'environment'>) =>
  createSealer(new Secret(Buffer.from(environment.SENID_MASTER_SECRET ?? '', 'base64')), 'counter');

/** What was found in applications of a number that are decided was found so many hours earlier; with `open`, in all of them. */
export async function longAgo(
  server: Pick<TestServer, 'database' | 'environment'>,
  identityNumber: string,
  { hours = 5, open = false }: { readonly hours?: number; readonly open?: boolean } = {},
): Promise<void> {
  const hash = numberHash(counterSealer(server), identityNumber);
  await server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`UPDATE level_2_checks c SET made_at = c.made_at - ${hours}::int * interval '1 hour'
      FROM level_2_applications a WHERE a.id = c.application_id AND a.number_hash = ${hash}
        AND (a.decided_at IS NOT NULL OR ${open})`);
    await transaction.execute(sql`UPDATE level_2_applications SET decided_at = decided_at - ${hours}::int * interval '1 hour'
      WHERE number_hash = ${hash} AND decided_at IS NOT NULL`);
  });
}

/** The page of an application that this officer has begun and serves. Whoever was here before was so on another day. */
export async function served(
  server: TestServer,
  { browser }: Seat,
  { identityNumber, person }: Pick<Persona, 'identityNumber' | 'person'>,
  guardian = '',
): Promise<Page> {
  await longAgo(server, identityNumber);
  const form = await browser.open(`${server.issuer}/operator/new-application`);
  const entered = { number: identityNumber, name: person.fullName, birthdate: person.birthdate, guardian };
  const page = await form.submit(entered, { form: 'receive' });
  return page.forms.some(({ attributes }) => attributes.get('id') === 'take')
    ? page.submit({}, { form: 'take' })
    : page;
}

/** Holds a card of the drawer to the reader, and waits for what the server makes of it. */
export async function cardRead(page: Page, cardId: string): Promise<Page> {
  const waiting = await page.submit({}, { form: 'read-card' });
  const drawer = await waiting.submit({}, { form: 'tap-form' });
  await drawer.submit({ card: cardId }, { form: 'tap-form' });
  return waiting.submit({}, { form: 'card-form', button: 'continue' });
}

/** Holds a card that is in no drawer to the reader of the counter. */
export async function cardHeld(
  { app: { parts } }: TestServer,
  application: CounterApplication,
  { card, officer }: { readonly card: OpenedCard; readonly officer: Seat },
) {
  const asked = { session: newToken(), challenge: Buffer.from(newToken().slice(0, 8)).toString('base64url') };
  const challenge = Buffer.from(asked.challenge, 'base64url');
  const evidence = await evidenceOf(card, { session: asked.session, challenge });
  return parts.counter!.card(application, evidence, asked, officer.operator);
}

/** Takes the portrait of somebody, as the drawing of them that has this about it. */
export async function faceTaken({ browser }: Seat, page: Page, of: string, mark: Mark = 'plain'): Promise<Page> {
  const address = page.url.split('?')[0]!;
  const form = await browser.open(`${address}/portrait`);
  const csrf = form.form('face-form').values.get('csrf') ?? '';
  return browser.open(`${address}/portrait`, { method: 'POST', ...multipart({ csrf }, await pictureOf(of, mark)) });
}

export const printsTaken = (page: Page, capture: string): Promise<Page> =>
  page.submit({ capture }, { form: 'fingerprints' });

let captures = 0;
/** A capture that nobody has used. */
export function aCapture(word = 'MATCH'): string {
  captures += 1;
  return `${word}-${captures}`;
}

/** Everything that an approval takes, but for what is said otherwise. */
export async function allFound(
  server: TestServer,
  seat: Seat,
  persona: Pick<Persona, 'id' | 'identityNumber' | 'person'>,
  { face = 'plain', capture = aCapture() }: { readonly face?: Mark; readonly capture?: string } = {},
): Promise<Page> {
  const page = await cardRead(await served(server, seat, persona), `${persona.id}.genuine`);
  return printsTaken(await faceTaken(seat, page, persona.identityNumber, face), capture);
}

/** One that was received, of whomever: how it is received is another test's business. Answers its id. */
export async function anApplication(
  server: Pick<TestServer, 'database' | 'environment'>,
  of: { readonly identityNumber: string; readonly fullName: string; readonly birthdate: string },
  { office = '48', now = new Date() }: { readonly office?: string; readonly now?: Date } = {},
): Promise<string> {
  const id = newId();
  const { statement } = insert(counterSealer(server), {
    ...{ id, reference: newReference(), form: 'TK01', training: false, policy: 'level-2-counter@2024-07-01', office },
    ...(office === 'vn' ? {} : { province: office }),
    ...{ receivedBy: newId(), receivedAt: now, dueAt: new Date(now.getTime() + 3 * 86_400_000), applicant: of },
  });
  if ((await server.database.execute(statement)) !== 1)
    throw new Error(`${of.identityNumber} waits at a counter already`);
  return id;
}

/**
 * Approved by an officer for an account, with what was found at a moment: step by step, as every rule of the database asks, whatever the
 * program would have said. Nothing is left to bind.
 */
export async function approvedByStatements(
  server: Pick<TestServer, 'database' | 'environment'>,
  of: { readonly identityNumber: string; readonly fullName: string; readonly birthdate: string },
  { accountId, officer, at = new Date() }: { readonly accountId: string; readonly officer: string; readonly at?: Date },
): Promise<{ readonly id: string; readonly reference: string }> {
  const id = await anApplication(server, of, { now: new Date(Date.now() - 60_000) });
  const next = (set: Sql): Sql => sql`UPDATE level_2_applications SET revision = revision + 1, ${set} WHERE id = ${id}`;
  await server.database.transaction(async (transaction) => {
    await transaction.execute(next(sql`state = 'CHECKING', officer = ${officer}`));
    for (const [number, kind] of CHECK_KINDS.filter((one) => one !== 'guardian' && one !== 'override').entries())
      await transaction.execute(sql`INSERT INTO level_2_checks (application_id, number, kind, result, officer, policy, made_at)
        VALUES (${id}, ${number + 1}, ${kind}, 'passed', ${officer}, 'p', ${at})`);
    for (const kind of ['taken', 'reference'])
      await transaction.execute(sql`INSERT INTO level_2_pictures (application_id, kind, picture, taken_at)
        VALUES (${id}, ${kind}, 'sealed', now())`);
    await transaction.execute(
      next(
        sql`state = 'APPROVED', decided_at = now(), decided_by = ${officer}, account_id = ${accountId}, binding = 'none'`,
      ),
    );
  });
  const { reference } = (await server.database.row<{ reference: string }>(
    sql`SELECT reference FROM level_2_applications WHERE id = ${id}`,
  ))!;
  return { id, reference };
}
