import { newId } from '../../platform/ids.ts';
import { sql } from '../../platform/sql.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { endOfTerm } from '../legal-terms/index.ts';
import { ageOn, isTestNumber, type Subscriber } from '../subscribers/index.ts';
import type { Applicant, Application } from './application.ts';
import { hasPicture, pictureOf, putPicture, record } from './check-store.ts';
import { newReference } from './codes.ts';
import { stepped } from './office/outcome.ts';
import type { ApplicationsParts } from './parts.ts';
import { type AskedForCode, type Asking, CodeGone, type Confirmed, type PhoneCodes } from './phone-codes.ts';
import type { TakenPicture } from './picture.ts';
import * as sessions from './session-store.ts';
import * as store from './store.ts';
import { type ApplicationPolicy, policyAt } from './terms/policy.ts';

const DAY = 86_400_000;

/** What somebody writes of themselves, or of a ward. */
export type Identity = Pick<Applicant, 'accountType' | 'identityNumber' | 'fullName' | 'birthdate'>;

/** A ward; `byCourt`: an adult, whose guardian a court has appointed, as the guardian says. The register has the word on it. */
export type WardIdentity = Identity & { readonly byCourt?: boolean };

/** An application that is being filled in, as its pages show it. */
export interface Draft {
  readonly identity: Identity;
  readonly phone?: string;
  readonly phoneConfirmed: boolean;
  readonly consented: boolean;
  readonly picture: boolean;
}

/** What became of handing it in. It never says anything about the number: nobody has been asked yet. */
export type Submitted =
  | { readonly submitted: true; readonly reference: string; readonly dueAt: Date }
  | { readonly submitted: false; readonly reason: 'incomplete' | 'too_many' };

/** Filling in an application, and handing it in. What is asked of anybody else is asked later, by the office. */
export interface Drafts {
  draft(token: string): Promise<Draft | undefined>;
  /** Begins an application in this browser, or corrects the one that it is in the middle of. */
  identify(token: string, identity: Identity, locale: 'vi' | 'en'): Promise<'kept' | 'too_young'>;
  /** Sends a code to a telephone. */
  askPhone(
    token: string,
    phone: string,
    asking: Asking,
  ): Promise<AskedForCode | { readonly asked: false; readonly reason: 'over' }>;
  confirmPhone(token: string, code: string): Promise<Confirmed>;
  /** To the text of this version, in plain words and with nothing ticked beforehand. */
  consent(token: string): Promise<boolean>;
  picture(token: string, bytes: Buffer): Promise<TakenPicture | { readonly taken: false; readonly reason: 'over' }>;
  submit(token: string): Promise<Submitted>;
  /** By what a browser is known in the write below; whoever has it can do nothing else with it. */
  referenceOf(token: string): string;
  /** This browser goes on with nothing of signing up any more. A draft that it has left is forgotten in time. */
  leaving(reference: string): Write;
  /** For a child, or an adult by a court's decision, by a guardian whose own fresh proof whoever calls has seen. */
  submitForWard(
    guardian: Subscriber,
    ward: WardIdentity,
    locale: 'vi' | 'en',
  ): Promise<Submitted | { readonly submitted: false; readonly reason: 'of_age' }>;
}

export function createDrafts(parts: ApplicationsParts, codes: PhoneCodes): Drafts {
  const { database, clock, sealer, journal, sandbox } = parts;
  const rules = (): ApplicationPolicy => policyAt(clock.now(), parts.policies);

  /** The draft of this browser. */
  async function mine(token: string): Promise<(Application & { readonly applicant: Applicant }) | undefined> {
    const session = await sessions.session(database, token, clock.now());
    if (session?.purpose !== 'draft' || session.applicationId === undefined) return undefined;
    const found = await store.find(database, sealer, session.applicationId);
    return found?.state === 'DRAFT' && found.applicant ? { ...found, applicant: found.applicant } : undefined;
  }
  /** A code's state and the draft that it is about, in one unit: neither is ever of another telephone than the other. */
  const withDraft = (token: string, changed: (applicant: Applicant) => Applicant) => (writes: readonly Write[]) =>
    store.retried(async () => {
      const draft = await mine(token);
      if (!draft) throw new CodeGone();
      const applicant = store.sealedApplicant(sealer, draft.id, changed(draft.applicant));
      await writeTogether(database, [store.change(draft, sql`applicant = ${applicant}`), ...writes]);
    });
  /** What this browser has handed in already: another press of the button came first. */
  async function handedIn(token: string): Promise<Submitted | undefined> {
    const session = await sessions.session(database, token, clock.now());
    if (session?.purpose !== 'status' || !session.confirmed || !session.applicationId) return undefined;
    const found = await store.find(database, sealer, session.applicationId);
    return found?.dueAt && { submitted: true, reference: found.reference, dueAt: found.dueAt };
  }

  /** The writes that hand an application in; its term begins now. */
  function handIn(draft: Application, applicant: Applicant, phone: string) {
    const now = clock.now();
    const policy = policyAt(now, parts.policies);
    const dueAt = endOfTerm(`application.${draft.form}`, now);
    const writes = [
      store.change(
        draft,
        sql`state = 'SUBMITTED', policy = ${policy.version}, submitted_at = ${now}, due_at = ${dueAt}, next_try_at = ${now},
          number_hash = ${store.hashOf(sealer, 'number', applicant.identityNumber)},
          phone_hash = ${store.hashOf(sealer, 'phone', phone)}`,
      ),
      journal.append(
        stepped(draft, 'application.submitted', {
          actor: draft.guardianId ? { kind: 'subscriber', id: draft.guardianId } : { kind: 'claimant' },
          ...(draft.guardianId ? { subscriberId: draft.guardianId } : {}),
          detail: { policy: policy.version, consent: policy.consent },
        }),
      ),
    ];
    return { writes, dueAt };
  }
  const tooMany = async (draft: Application, phone: string): Promise<boolean> => {
    const since = new Date(clock.now().getTime() - DAY);
    const hash = store.hashOf(sealer, 'phone', phone);
    const made = await store.countSince(database, { column: 'phone_hash', hash, since, except: draft.id });
    return made >= rules().perPhone;
  };
  const made = (identity: Identity, locale: 'vi' | 'en', phone?: string) => ({
    id: newId(),
    reference: newReference(),
    form: identity.accountType === 'citizen' ? ('APP_L1' as const) : ('FOREIGN_L1' as const),
    locale,
    test: sandbox && isTestNumber(identity.identityNumber),
    policy: rules().version,
    applicant: { ...identity, ...(phone ? { phone } : {}) },
    now: clock.now(),
  });

  return {
    async draft(token) {
      const found = await mine(token);
      if (!found) return undefined;
      const { phone, phoneConfirmedAt, accountType, identityNumber, fullName, birthdate } = found.applicant;
      return {
        identity: { accountType, identityNumber, fullName, birthdate },
        ...(phone ? { phone } : {}),
        phoneConfirmed: phoneConfirmedAt !== undefined,
        consented: found.consent !== undefined,
        picture: await hasPicture(database, found.id),
      };
    },

    identify: (token, identity, locale) =>
      store.retried(async () => {
        if (ageOn(identity.birthdate, clock.now()) < rules().aloneFromYears) return 'too_young';
        const found = await mine(token);
        if (found) {
          const { phone, phoneConfirmedAt } = found.applicant;
          const kept = { ...(phone ? { phone } : {}), ...(phoneConfirmedAt ? { phoneConfirmedAt } : {}) };
          const form = identity.accountType === 'citizen' ? 'APP_L1' : 'FOREIGN_L1';
          const test = sandbox && isTestNumber(identity.identityNumber);
          await writeTogether(database, [
            store.change(
              found,
              sql`applicant = ${store.sealedApplicant(sealer, found.id, { ...identity, ...kept })}, form = ${form},
              locale = ${locale}, test = ${test}`,
            ),
          ]);
          return 'kept';
        }
        const begun = made(identity, locale);
        await writeTogether(database, [
          store.insert(sealer, begun),
          { statement: sessions.begin(token, { purpose: 'draft', applicationId: begun.id, now: begun.now }) },
        ]);
        return 'kept';
      }),

    async askPhone(token, phone, asking) {
      const found = await mine(token);
      if (!found) return { asked: false, reason: 'over' };
      const write = withDraft(token, ({ phoneConfirmedAt: _, ...applicant }) => ({ ...applicant, phone }));
      try {
        return await codes.send(token, phone, { ...asking, typed: phone, write });
      } catch (error) {
        if (error instanceof CodeGone) return { asked: false, reason: 'over' };
        throw error;
      }
    },

    async confirmPhone(token, code) {
      const found = await mine(token);
      const { phone } = found?.applicant ?? {};
      if (!phone) return 'over';
      const phoneConfirmedAt = clock.now().toISOString();
      return codes.confirm(token, code, {
        phone,
        write: withDraft(token, (applicant) => ({ ...applicant, phone, phoneConfirmedAt })),
      });
    },

    consent: (token) =>
      store.retried(async () => {
        const found = await mine(token);
        if (!found) return false;
        const change = sql`consent = ${rules().consent}, consented_at = ${clock.now()}`;
        await writeTogether(database, [store.change(found, change)]);
        return true;
      }),

    async picture(token, bytes) {
      const found = await mine(token);
      // No face is kept of anybody who has not agreed to it.
      if (!found?.consent) return { taken: false, reason: 'over' };
      const taken = await parts.pictures(bytes);
      if (!taken.taken) return taken;
      const put = { applicationId: found.id, number: 1, image: taken.image, now: clock.now() };
      await writeTogether(database, [putPicture(sealer, put)]);
      return taken;
    },

    submit: (token) =>
      store.retried<Submitted>(async () => {
        const found = await mine(token);
        if (!found) return (await handedIn(token)) ?? { submitted: false, reason: 'incomplete' };
        const { phone, phoneConfirmedAt } = found.applicant;
        if (!found.consent || !phone || !phoneConfirmedAt || !(await pictureOf(database, sealer, found.id)))
          return { submitted: false, reason: 'incomplete' };
        if (await tooMany(found, phone)) return { submitted: false, reason: 'too_many' };
        const { writes, dueAt } = handIn(found, found.applicant, phone);
        const check = { kind: 'phone_confirmed', result: 'passed', policy: rules().version, detail: {} } as const;
        const { locale, reference } = found;
        await writeTogether(database, [
          ...writes,
          record(found.id, 1, { ...check, at: new Date(phoneConfirmedAt) }),
          ...parts.notices.queue({
            kind: 'application_received',
            to: { medium: 'sms', address: phone },
            locale,
            values: { reference },
          }),
          // From here on this browser looks at it, and changes nothing of what was said.
          {
            statement: sessions.begin(token, {
              ...{ purpose: 'status', applicationId: found.id, confirmed: true, now: clock.now() },
            }),
          },
        ]);
        return { submitted: true, reference, dueAt };
      }),

    referenceOf: sessions.referenceOf,
    leaving: (reference) => ({ statement: sessions.end(reference) }),

    async submitForWard(guardian, { byCourt, ...ward }, locale) {
      if (!byCourt && ageOn(ward.birthdate, clock.now()) >= rules().aloneFromYears)
        return { submitted: false, reason: 'of_age' };
      const begun = { ...made(ward, locale, guardian.phone), form: 'WARD_L1' as const, guardianId: guardian.id };
      const application = { ...begun, state: 'DRAFT' as const, revision: 1, silences: 0, holderTold: false };
      // A guardian without a telephone of their own is counted by themselves.
      const counted = guardian.phone ?? guardian.id;
      if (await tooMany(application, counted)) return { submitted: false, reason: 'too_many' };
      const { writes, dueAt } = handIn({ ...application, revision: 2 }, begun.applicant, counted);
      await database.transaction(async (transaction) => {
        await writeTogether(transaction, [store.insert(sealer, begun)]);
        const consent = sql`consent = ${rules().consent}, consented_at = ${begun.now}`;
        await writeTogether(transaction, [store.change(application, consent)]);
        await writeTogether(transaction, writes);
      });
      return { submitted: true, reference: begun.reference, dueAt };
    },
  };
}
