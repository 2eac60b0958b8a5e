import { type Approvals, BaseChanged, type ChangeSubject, createApprovals } from '../../src/domain/approvals/index.ts';
import { createJournal, type Journal } from '../../src/domain/audit/index.ts';
import { createPasskeyHost } from '../../src/domain/authenticators/index.ts';
import {
  type Acting,
  type ConsoleActing,
  createOperators,
  type Operators,
  type OperatorsParts,
  type OperatorWish,
  operatorChanges,
  type Role,
} from '../../src/domain/operators/index.ts';
import type { Database } from '../../src/platform/database.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { fixedClock } from './clock.ts';
import { freshDatabase } from './database.ts';
import {
  type CreationOptions,
  type RequestOptions,
  type SoftwarePasskey,
  softwarePasskey,
} from './software-passkey.ts';

const RP_ID = 'sen.example';
const ORIGIN = 'https://sen.example';
const ADDRESS = '203.0.113.7';

/** Operators on a database of their own, with approvals over them; what would be mailed is kept. */
export interface OperatorsStand {
  readonly operators: Operators;
  readonly approvals: Approvals;
  readonly journal: Journal;
  readonly database: Database;
  readonly url: string;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly mails: { email: string; name: string; code: string }[];
  /** The parts anew, as another process has them: on this database, or on a connection of its own. */
  again(more?: Partial<OperatorsParts>): Operators;
  end(): Promise<void>;
}

const master = new Secret(Buffer.from('0123456789abcdefghijklmnopqrstuv'));

export async function operatorsStand(options: { readonly sandbox?: boolean } = {}): Promise<OperatorsStand> {
  const { database, url, end } = await freshDatabase();
  const clock = fixedClock();
  const journal = createJournal({ database, clock });
  const mails: OperatorsStand['mails'] = [];
  const parts = (more: Partial<OperatorsParts> = {}): OperatorsParts => ({
    ...{ database, clock, journal, sandbox: options.sandbox ?? false },
    sealer: createSealer(master, 'operators'),
    passkeys: createPasskeyHost({
      ...{ database: more.database ?? database, clock, relyingPartyId: RP_ID, origin: ORIGIN },
      relyingPartyName: 'SenID',
      sealer: createSealer(master, 'operator passkeys'),
    }),
    mail: (mail) => {
      mails.push(mail);
      return [];
    },
    ...more,
  });
  const operators = createOperators(parts());
  const changes = operatorChanges({ ...parts(), baseChanged: () => new BaseChanged() });
  const approvals = createApprovals({
    ...{ database, clock, journal, standing: operators.standing },
    sealer: createSealer(master, 'approvals'),
    subjects: [changes as ChangeSubject],
  });
  return {
    ...{ operators, approvals, journal, database, url, clock, mails, end },
    again: (more) => createOperators(parts(more)),
  };
}

/** Twelve figures of the test range, one human each. */
export const numberOf = (human: number): string => `0970${String(90_000_000 + human)}`;

export const newPasskey = (more: Partial<Parameters<typeof softwarePasskey>[0]> = {}): SoftwarePasskey =>
  softwarePasskey({ rpId: RP_ID, origin: ORIGIN, ...more });

/** Accepts an invitation as its holder does. */
export async function accept(
  operators: Operators,
  invitation: { readonly code: string; readonly identityNumber: string },
  passkey = newPasskey(),
): Promise<{ readonly operatorId: string; readonly passkey: SoftwarePasskey }> {
  const sessionKey = 'a browser';
  const opened = await operators.openInvitation({ ...invitation, sessionKey });
  if (!opened.opened) throw new Error(`the invitation is ${opened.reason}`);
  const response = passkey.create(opened.request as CreationOptions);
  const answer = { code: invitation.code, sessionKey, challengeId: opened.challengeId, response, address: ADDRESS };
  const accepted = await operators.acceptInvitation(answer);
  if (!accepted.accepted) throw new Error(`the passkey was not bound: ${accepted.reason}`);
  return { operatorId: accepted.operatorId, passkey };
}

/** One sign-in with a passkey; what the authenticator says can be tampered with. */
export async function signInWith(
  operators: Operators,
  passkey: SoftwarePasskey,
  tampering: Parameters<SoftwarePasskey['get']>[1] = {},
) {
  const { challengeId, request } = await operators.beginSignIn('a browser');
  const response = passkey.get(request as RequestOptions, tampering);
  return operators.signIn({ sessionKey: 'a browser', challengeId, response, address: ADDRESS });
}

/** An operator who is signed in. */
export interface Present {
  readonly id: string;
  readonly passkey: SoftwarePasskey;
  readonly token: string;
  readonly acting: ConsoleActing;
}

export async function present(operators: Operators, passkey: SoftwarePasskey): Promise<Present> {
  const signedIn = await signInWith(operators, passkey);
  if (!signedIn.signedIn) throw new Error(`not signed in: ${signedIn.reason}`);
  const acting = await operators.acting(signedIn.token);
  if (!acting) throw new Error('the session is over');
  return { id: signedIn.operatorId, passkey, token: signedIn.token, acting };
}

/** The first operator, bootstrapped and signed in. */
export async function theFirst({ operators }: OperatorsStand, human = 1): Promise<Present> {
  const identityNumber = numberOf(human);
  const begun = await operators.bootstrap({
    ...{ name: 'Trần Thị Đầu', email: `first${human}@sen.example`, office: 'vn', identityNumber },
  });
  if (!begun.begun) throw new Error(`not bootstrapped: ${begun.reason}`);
  return present(operators, (await accept(operators, { code: begun.code, identityNumber })).passkey);
}

/** The second, invited by the first alone. */
export async function theSecond(
  { operators }: OperatorsStand,
  first: Present,
  roles: readonly Role[] = ['sysadmin', 'approver'],
  human = 2,
): Promise<Present> {
  const identityNumber = numberOf(human);
  const second = { name: 'Lê Văn Nhì', email: `second${human}@sen.example`, office: '01', identityNumber, roles };
  const begun = await operators.inviteSecond(second, first.acting);
  if (!begun.begun) throw new Error(`not invited: ${begun.reason}`);
  return present(operators, (await accept(operators, { code: begun.code, identityNumber })).passkey);
}

/** One proposes, the other approves, with the number of whom it lets in; what came of the last step. */
export async function agree(
  { approvals }: Pick<OperatorsStand, 'approvals'>,
  value: OperatorWish,
  by: { readonly proposer: Acting; readonly approver: Acting; readonly identityNumber?: string },
) {
  const drafted = await approvals.draft({ kind: 'operator', value, reason: 'as agreed', by: by.proposer });
  if (!drafted.drafted) return drafted;
  const proposed = await approvals.propose(drafted.request.id, { revision: drafted.request.revision, by: by.proposer });
  if (!proposed.done) return proposed;
  const { id, revision } = proposed.request;
  const { approver, identityNumber = value.identityNumber ?? '' } = by;
  return approvals.approve(id, { revision, by: approver, identityNumber });
}
