import { epochSeconds } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { sql } from '../../platform/sql.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { ASSURANCE_POLICY, accountLevelFrom } from '../assurance/index.ts';
import { AlreadyDone } from '../guardianships/index.ts';
import type { Proofing } from '../proofing/index.ts';
import type { RegisteredGuardianship } from '../registry/index.ts';
import { ageOn, ContactMoved, type Applicant as NewSubscriber, type Subscriber } from '../subscribers/index.ts';
import type { Application } from './application.ts';
import { checksOf } from './check-store.ts';
import { readCode } from './codes.ts';
import { stepped } from './office/outcome.ts';
import type { ApplicationsParts } from './parts.ts';
import type { AskedForCode, Asking, Confirmed, PhoneCodes } from './phone-codes.ts';
import * as sessions from './session-store.ts';
import * as store from './store.ts';

/** An account that waits for its first authenticators: who it is for, so that they can be asked. */
export interface Issued {
  readonly accountId: string;
  readonly fullName: string;
  readonly birthdate: string;
  readonly identityNumber: string;
  readonly phone: string;
  readonly locale: 'vi' | 'en';
}

/**
 * From an approved application to an account that can sign in. The account is made under a number that was given at the
 * approval, so that making it twice makes it once; without an authenticator nobody can sign in to it; and the application says
 * `active` when it has one.
 */
export interface Activations {
  /** By the code of the message; another one goes to the telephone. */
  openActivation(token: string, code: string, asking: Asking): Promise<'closed' | AskedForCode>;
  confirmActivation(token: string, code: string): Promise<Confirmed>;
  /** Whom this browser activates; nobody when it has not confirmed, or the time is over. */
  issued(token: string): Promise<Issued | undefined>;
  /** Makes the account. Bind its authenticators next. `closed`: it was stopped, or somebody has the number or telephone by now. */
  issue(token: string): Promise<'issued' | 'closed'>;
  /**
   * Binds the first authenticator by `bind`, which takes `writes` along in its transaction: with them the application is done.
   * `overtaken`: it was stopped, or activated, in the meantime; `taken_over`: a counter has handed the account over. Then this has
   * bound nothing.
   */
  activating<T>(
    token: string,
    bind: (writes: () => Promise<readonly Write[]>) => Promise<T>,
  ): Promise<T | 'overtaken' | 'taken_over'>;
  /** It has an authenticator: the application is done. For one that was bound without it, unless a counter has bound it. */
  activated(token: string): Promise<'activated' | 'taken_over'>;
  /** What has waited too long, and accounts of wards, which need no authenticator. Answers whether there was anything. */
  settleNext(): Promise<boolean>;
}

export function createActivations(
  parts: ApplicationsParts,
  codes: PhoneCodes,
  refuse: (application: Application) => Promise<void>,
): Activations {
  const { database, clock, sealer, journal, notices, subscribers, authenticators, guardianships } = parts;
  const assurance = parts.assurance ?? (async () => ASSURANCE_POLICY);

  async function open(token: string): Promise<Application | undefined> {
    const session = await sessions.session(database, token, clock.now());
    if (session?.purpose !== 'activation' || !session.confirmed || session.applicationId === undefined)
      return undefined;
    const found = await store.find(database, sealer, session.applicationId);
    const waits = found?.activation === 'issued' && found.activateBefore! > clock.now();
    return waits && found.applicant?.person ? found : undefined;
  }

  /** How the person was proofed: what was asked of whom, by which rules; nothing of what they are. */
  async function proofingOf(application: Application): Promise<Proofing | undefined> {
    const checks = (await checksOf(database, application.id)).filter(({ result }) => result === 'passed');
    const hash = String(checks.find(({ kind }) => kind === 'register_match')?.detail.answer);
    const evidence = [
      { kind: 'register_entry', strength: 'strong', checks: checks.map(({ kind }) => kind), hash },
    ] as const;
    const decidedAt = application.decidedAt ?? clock.now();
    const seen = {
      channel: 'remote',
      fingerprintsMatched: false,
      evidence,
      faceMatched: checks.some(({ kind }) => kind === 'face_match'),
    } as const;
    const age = Math.max(ageOn(application.applicant!.person!.birthdate, decidedAt), 0);
    const rules = { policy: await assurance(), now: epochSeconds(clock.now()) };
    const { accountLevel, policy, row } = accountLevelFrom({ ...seen, age }, rules);
    // By the policy of today it carries no account: it is not made.
    if (accountLevel === 0) return undefined;
    return {
      ...{ id: newId(), accountLevel: 1, officer: 'system', policy: application.policy, decidedAt },
      ...seen,
      assurance: { ...policy, ...(row === undefined ? {} : { row }) },
    };
  }

  /** The account, made once, whoever comes twice. */
  async function register(application: Application, guardian?: Subscriber): Promise<boolean> {
    const { accountId: id = '', applicant, locale, test, form } = application;
    const there = await subscribers.find(id);
    // Asked again: since the approval the guardian may have been locked, or have recovered without being proofed anew.
    if (form === 'WARD_L1' && !(guardian?.state === 'active' && guardian.accountLevel === 2)) return false;
    if (application.handsOver && form === 'WARD_L1') return there !== undefined && guardianships.mayBePassedOn(there);
    if (application.handsOver) return mayTakeOver(there, applicant!.phone!);
    // Closed for good in the meantime: nobody binds anything to it any more.
    if (there) return there.state !== 'closed';
    const { contacts: _, documentExpiresOn: cardUntil, ...person } = applicant!.person!;
    const phone = form === 'WARD_L1' ? undefined : applicant!.phone;
    const newcomer: NewSubscriber = { ...person, locale, test, ...(phone ? { phone, phoneVerified: true } : {}) };
    const proofing = await proofingOf(application);
    if (!proofing) return false;
    const registered = await subscribers.register(newcomer, {
      ...{ by: { kind: 'system' }, proofing, id },
      ...(cardUntil === undefined ? {} : { cardUntil }),
    });
    if (registered.registered) return true;
    if (registered.reason === 'faulty')
      throw new Error(`the register's entry is none of ours: ${registered.faults.join(' ')}`);
    // Another request made it in the same moment, or somebody has the number or the telephone by now.
    return (await subscribers.find(id)) !== undefined;
  }

  /** Whether its holder may take over what a guardian has made, at this moment. */
  async function mayTakeOver(account: Subscriber | undefined, phone: string): Promise<boolean> {
    if (!account || !(await guardianships.mayBeTakenOver(account))) return false;
    return (await subscribers.locate(phone)) === undefined;
  }

  /**
   * What is handed over with the first authenticator: the telephone is the holder's own from now on, and both are told. Level 2 is an
   * office's word about a child: taken over from afar it counts again after a re-proofing in presence.
   */
  async function handingOver({ accountId, applicant, locale }: Application): Promise<readonly Write[]> {
    const account = await subscribers.find(accountId!);
    const phone = applicant?.phone;
    if (!account || phone === undefined) return [];
    return [
      ...(await subscribers.takingOver(account, phone)),
      ...(await guardianships.handingOver(account)),
      ...notices.queue({
        kind: account.recordedLevel === 2 ? 'account_taken_over_level_2' : 'account_taken_over',
        ...{ to: { medium: 'sms', address: phone }, locale, values: {} },
      }),
    ];
  }

  /** As what the register named the guardian when it was asked; before it said so, a minor's. */
  async function registeredOf({ id }: Application): Promise<RegisteredGuardianship> {
    const passed = (await checksOf(database, id)).find(
      ({ kind, result }) => kind === 'guardian' && result === 'passed',
    );
    const { basis = 'guardian_of_minor', until } = (passed?.detail ?? {}) as Partial<RegisteredGuardianship>;
    return { basis, ...(until === undefined ? {} : { until }) };
  }

  /** Done: what the application said of the person stands with the account now. */
  const finishing = async (application: Application, guardian?: Subscriber): Promise<readonly Write[]> => [
    ...(application.handsOver && application.guardianId === undefined ? await handingOver(application) : []),
    ...(guardian
      ? guardianships.beginning({
          ...{ wardId: application.accountId!, guardianId: guardian.id, applicationId: application.id },
          registered: await registeredOf(application),
        })
      : []),
    store.change(application, sql`activation = 'active', applicant = NULL, activation_hash = NULL`),
    { statement: sessions.endAllOf(application.id) },
    ...(guardian ? notices.queueToAll('ward_registered', await parts.reachable(guardian), {}) : []),
    journal.append(stepped(application, 'application.activated', { subscriberId: application.accountId! })),
  ];
  const done = async (application: Application, guardian?: Subscriber) =>
    writeTogether(database, await finishing(application, guardian));

  /** Whether somebody else has handed over what this would have: a twin of the request has done this application with it. */
  async function isTakenOver({ id, accountId, handsOver }: Application): Promise<boolean> {
    if (!handsOver || (await store.find(database, sealer, id))?.activation === 'active') return false;
    return (await guardianships.ofWard(accountId!))?.handedOver !== undefined;
  }

  /** Codes to the telephone alone are what a password was to go with. */
  const signsIn = async (id: string): Promise<boolean> =>
    (await authenticators.of(id)).some(({ kind }) => kind !== 'message-otp');

  /** The time is over. What was made of the account and never used goes with it; what somebody did bind to stays. */
  async function lapse(application: Application): Promise<void> {
    const account = await subscribers.find(application.accountId!);
    const isOwn = application.guardianId === undefined;
    if (isOwn && account?.state === 'active' && (await signsIn(account.id))) return done(application);
    const { applicant, locale } = application;
    await writeTogether(database, [
      store.change(application, sql`activation = 'lapsed', activation_hash = NULL`),
      { statement: sessions.endAllOf(application.id) },
      ...(applicant?.phone
        ? [
            ...notices.queue({
              kind: 'application_lapsed',
              to: { medium: 'sms', address: applicant.phone },
              locale,
              values: {},
            }),
          ]
        : []),
      journal.append(stepped(application, 'application.lapsed')),
    ]);
    // What a guardian has made stays theirs until it is taken over.
    if (account && !application.handsOver) await subscribers.close(account.id, { kind: 'system' }, 'other_words');
  }

  /** A ward's account whose application was ended while it was made goes with it: nobody would look after it. */
  async function forgetUnguarded({ id, accountId, handsOver }: Application): Promise<void> {
    if (handsOver || (await store.find(database, sealer, id))?.activation !== 'lapsed') return;
    if ((await subscribers.find(accountId!))?.state === 'active')
      await subscribers.close(accountId!, { kind: 'system' }, 'other_words');
  }

  return {
    async openActivation(token, typed, asking) {
      const code = readCode(typed, 14);
      const now = clock.now();
      const found = code === undefined ? undefined : await store.findIssued(database, sealer, { code, now });
      if (!found?.applicant?.phone) return 'closed';
      await database.execute(sessions.begin(token, { purpose: 'activation', applicationId: found.id, now }));
      return codes.send(token, found.applicant.phone, asking);
    },

    confirmActivation: codes.confirmOf,

    async issued(token) {
      const found = await open(token);
      if (!found) return undefined;
      const { fullName, birthdate, identityNumber } = found.applicant!.person!;
      const { phone = '' } = found.applicant!;
      return { accountId: found.accountId!, fullName, birthdate, identityNumber, phone, locale: found.locale };
    },

    async issue(token) {
      const found = await open(token);
      if (!found || !(await register(found))) return 'closed';
      // It may have been stopped, or have lapsed, while the account was made: then nobody may bind anything to it.
      const now = await store.find(database, sealer, found.id);
      if (now?.activation === 'issued') return 'issued';
      if (now?.activation === 'lapsed')
        await subscribers.lock(found.accountId!, 'security_suspected', { kind: 'system' });
      return 'closed';
    },

    async activating(token, bind) {
      const found = await open(token);
      if (!found) return 'overtaken';
      try {
        return await bind(() => finishing(found));
      } catch (error) {
        ifOvertaken(error);
        return (await isTakenOver(found)) ? 'taken_over' : 'overtaken';
      }
    },

    async activated(token) {
      const found = await open(token);
      if (found) await done(found).catch(ifOvertaken);
      return found && (await isTakenOver(found)) ? 'taken_over' : 'activated';
    },

    async settleNext() {
      const now = clock.now();
      const ward = await store.nextWard(database, sealer);
      if (ward) {
        const guardian = ward.guardianId === undefined ? undefined : await subscribers.find(ward.guardianId);
        // The database has the last word on the guardian (SL003): lapsed, it is not tried for ever.
        if (await register(ward, guardian)) {
          await done(ward, guardian).catch(ifOvertakenOr(() => lapse(ward)));
          await forgetUnguarded(ward);
        } else await lapse(ward).catch(ifOvertaken);
        return true;
      }
      const over = await store.nextOver(database, sealer, now);
      if (!over) return false;
      await (over.state === 'NEEDS_INFO' ? refuse(over) : lapse(over)).catch(ifOvertaken);
      return true;
    },
  };
}

/** The same, and otherwise where the database has refused a step. */
const ifOvertakenOr =
  (otherwise: () => Promise<void>) =>
  (error: unknown): Promise<void> | void =>
    (error as { code?: string }).code === 'SL003' ? otherwise() : ifOvertaken(error);

/** Another worker, or the person, was first: what is to be done is read anew. */
function ifOvertaken(error: unknown): void {
  const isLate = [store.Overtaken, AlreadyDone, ContactMoved].some((kind) => error instanceof kind);
  if (!isLate) throw error;
}
