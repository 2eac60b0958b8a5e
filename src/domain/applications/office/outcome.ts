import { newId } from '../../../platform/ids.ts';
import { sql } from '../../../platform/sql.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import type { JournalEvent } from '../../audit/index.ts';
import { type AnyNotice, addressesOf } from '../../notices/index.ts';
import type { Subscriber } from '../../subscribers/index.ts';
import { type Application, REASONS, type Reason, type Told } from '../application.ts';
import { newLongCode } from '../codes.ts';
import type { ApplicationsParts } from '../parts.ts';
import { endAllOf } from '../session-store.ts';
import * as store from '../store.ts';
import type { ApplicationPolicy } from '../terms/policy.ts';
import type { HolderTold } from './holder.ts';

const DAY = 86_400_000;

/** What the applicant is written of a refusal. Withdrawn ones are told nothing: they did it. */
const NOTICE_OF = {
  details: 'application_not_confirmed',
  guardian: 'application_not_confirmed',
  face: 'application_face_differs',
  counter: 'application_counter',
  late: 'application_not_answered',
} as const satisfies Record<Told, AnyNotice['kind']>;

/** The event of a step, without a word about who it is. */
export const stepped = (
  { id, form }: Pick<Application, 'id' | 'form'>,
  type: Extract<JournalEvent['type'], `application.${string}`>,
  { detail = {}, ...who }: Partial<Pick<JournalEvent, 'actor' | 'subscriberId' | 'detail'>> = {},
): JournalEvent => ({ type, actor: { kind: 'system' }, ...who, detail: { application: id, form, ...detail } });

/** What becomes of an application, as writes of one statement: its state, what is told, the journal. */
export function createOutcomes(
  parts: Pick<ApplicationsParts, 'journal' | 'notices' | 'sealer' | 'clock' | 'reachable'>,
) {
  const { journal, notices, sealer, clock } = parts;

  /** A message to the applicant's telephone, or to the guardian of a ward. */
  const tell = async (
    { applicant, locale }: Application,
    guardian: Subscriber | undefined,
    kind: (typeof NOTICE_OF)[Told],
  ): Promise<readonly Write[]> => {
    if (guardian) return notices.queueToAll(kind, await parts.reachable(guardian), {});
    const phone = applicant?.phone;
    return phone ? notices.queue({ kind, to: { medium: 'sms', address: phone }, locale, values: {} }) : [];
  };

  return {
    /** `holder`: the account that the number has already; whoever has it is told that somebody tried, instead of the stranger. */
    async refuse(
      application: Application,
      reason: Reason,
      { guardian, holder }: { guardian?: Subscriber | undefined; holder?: Subscriber | undefined } = {},
    ): Promise<Write[]> {
      const account = holder && (await parts.reachable(holder));
      const own = account && addressesOf(account).some(({ address }) => address === application.applicant?.phone);
      return [
        store.change(
          application,
          sql`state = 'REFUSED', reason = ${reason}, decided_at = ${clock.now()}, waiting_for = NULL`,
        ),
        ...(account ? notices.queueToAll('sign_up_with_account', account, {}) : []),
        ...(own ? [] : await tell(application, guardian, NOTICE_OF[REASONS[reason]])),
        journal.append(stepped(application, 'application.refused', { detail: { reason } })),
      ];
    },

    /**
     * The account is issued: it is not there yet, and nobody can sign in, until it is activated. `takesOver`: it is there, made by a
     * guardian, and nobody signs in to it before its holder activates it.
     */
    approve(
      application: Application,
      policy: ApplicationPolicy,
      { stopHash, writes = [], takesOver }: HolderTold & { readonly takesOver?: string | undefined },
    ): Write[] {
      const now = clock.now();
      const code = newLongCode();
      const until = new Date(now.getTime() + policy.activationDays * DAY);
      const { phone } = application.applicant ?? {};
      const { locale, form } = application;
      return [
        store.change(
          application,
          sql`state = 'APPROVED', decided_at = ${now}, waiting_for = NULL, account_id = ${takesOver ?? newId()},
            hands_over = ${takesOver !== undefined}, activation = 'issued',
            activation_hash = ${store.hashOf(sealer, 'code', code)}, activate_before = ${until}
            ${stopHash ? sql`, stop_hash = ${stopHash}` : sql.raw('')}`,
        ),
        ...writes,
        ...(form === 'WARD_L1' || !phone
          ? []
          : [
              ...notices.queue({
                kind: 'application_approved',
                to: { medium: 'sms', address: phone },
                locale,
                values: { activation: code, days: policy.activationDays },
              }),
            ]),
        journal.append(stepped(application, 'application.approved', { detail: { policy: policy.version } })),
      ];
    },

    /** Another picture is asked for. */
    ask(application: Application, policy: ApplicationPolicy, issues: readonly string[]): Write[] {
      const until = new Date(clock.now().getTime() + policy.answerDays * DAY);
      const { applicant, locale, reference } = application;
      return [
        store.change(application, sql`state = 'NEEDS_INFO', answer_before = ${until}, waiting_for = NULL`),
        ...(applicant?.phone
          ? [
              ...notices.queue({
                kind: 'application_needs_picture',
                to: { medium: 'sms', address: applicant.phone },
                locale,
                values: { reference, days: policy.answerDays },
              }),
            ]
          : []),
        journal.append(stepped(application, 'application.needs_info', { detail: { issues } })),
      ];
    },

    withdraw(application: Application): Write[] {
      return [
        store.change(application, sql`state = 'WITHDRAWN', decided_at = ${clock.now()}, waiting_for = NULL`),
        { statement: endAllOf(application.id) },
        journal.append(stepped(application, 'application.withdrawn', { actor: { kind: 'claimant' } })),
      ];
    },
  };
}
export type Outcomes = ReturnType<typeof createOutcomes>;
