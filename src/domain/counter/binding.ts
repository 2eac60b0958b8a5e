import { randomBytes } from 'node:crypto';
import { tokenHash } from '../../platform/ids.ts';
import { sql } from '../../platform/sql.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { inGroups, isPrinted, plainCode, printedCode } from '../authenticators/index.ts';
import { AlreadyDone, awaitsHolder } from '../guardianships/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import type { Application, ReadCard } from './application.ts';
import { checksOf, record } from './check-store.ts';
import { by, type CounterParts, numberNow, type Officer, stepped } from './parts.ts';
import { isReported } from './shown-card.ts';
import { isSeen, lackingToBind, lastOf, standOf } from './standing.ts';
import { barringPortrait, rulesOf, seenBy, unlessOvertaken } from './steps.ts';
import * as store from './store.ts';

/** Who binds afresh, and the card that was read at the counter: it is bound with whatever they choose, unless it is none to sign in with. */
export interface ToBindAtCounter {
  readonly subscriber: Subscriber;
  readonly identityNumber: string | undefined;
  readonly card?: Pick<ReadCard, 'issuingState' | 'documentNumber' | 'expiresOn' | 'key'>;
  readonly officer: string;
}

/** Why no code is given. */
type NoCode = 'overtaken' | 'self' | 'card_away' | 'card_reported' | 'handed_over' | 'stale' | 'unseen' | 'lapsed';

/** From an approval to something that the person can sign in with: at the office's kiosk, or on their own telephone. */
export interface CounterBinding {
  /**
   * A code for the person who stands here, once, for half an hour. Their card was read within the hour: an officer who has not
   * got it before them gives out nothing. Once the visit is over that is not enough (`stale`): a card is whoever's hands it is in. Nor is
   * what machines have found (`unseen`): the officer says that they have compared with their own eyes, unless they have in this visit.
   */
  giveCode(
    application: Application,
    officer: Officer,
    seen?: boolean,
  ): Promise<
    | { readonly given: true; readonly code: string; readonly until: Date }
    | {
        readonly given: false;
        readonly reason: NoCode;
      }
  >;
  /** Ends one that has waited too long: nobody binds by it any more, and its holder is told. Answers whether there was any. */
  lapseNext(): Promise<boolean>;
  /** The code in a browser: from then on it is this browser's alone. */
  begin(code: string, browser: string): Promise<'begun' | 'closed' | 'handed_over'>;
  /** Whom this browser binds for; nobody once the time is over or it is done. */
  toBind(browser: string): Promise<ToBindAtCounter | undefined>;
  /**
   * Binds by `bind`, which takes `writes` along in its transaction: with them it is done. `handed_over`: its holder has taken the
   * account over online since the decision, and nothing is bound by an approval of what it was before.
   */
  binding<T>(
    browser: string,
    bind: (writes: () => Promise<readonly Write[]>) => Promise<T>,
  ): Promise<T | 'closed' | 'handed_over'>;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** When somebody else may have agreed to something unseen: whatever was under way at the decision came to its end about then. */
const momentOf = ({ decidedAt }: Application, now: Date) => {
  const at = (decidedAt ?? now).getTime();
  return { from: new Date(at - MINUTE), until: new Date(at + MINUTE) };
};
const hashOf = (value: string): Buffer => tokenHash(`counter ${value}`);

export function createCounterBinding(parts: CounterParts): CounterBinding {
  const { database, clock, sealer, journal, subscribers, guardianships } = parts;
  /** Whoever is old enough to stand there alone takes over what a guardian has held until now. */
  async function takenOver(account: Subscriber): Promise<readonly Write[]> {
    const held = await guardianships.ofWard(account.id);
    return held && awaitsHolder(held) ? guardianships.handingOver(account) : [];
  }
  /** Level 2 that was taken over online is proven again (domain model 8b): what was decided before binds nothing to it. */
  async function isHandedOver({ accountId, decidedAt }: Application): Promise<boolean> {
    const held = accountId === undefined ? undefined : await guardianships.ofWard(accountId);
    return held?.handedOver !== undefined && decidedAt !== undefined && held.handedOver.at >= decidedAt;
  }
  /** What was decided by then is too long ago. */
  const lapsing = (now: Date): Date => new Date(now.getTime() - rulesOf(parts).bindingDays * DAY);
  const ofBrowser = (browser: string) => store.findBinding(database, sealer, { browser: hashOf(browser) }, clock.now());

  return {
    async giveCode(application, officer, seen = false) {
      const { applicant } = application;
      if (application.binding !== 'waiting' || !applicant) return { given: false, reason: 'overtaken' };
      const number = await numberNow(parts, application);
      if (await parts.isOwnCase({ ...applicant, identityNumber: number }, officer))
        return { given: false, reason: 'self' };
      if (await isHandedOver(application)) return { given: false, reason: 'handed_over' };
      const now = clock.now();
      const policy = rulesOf(parts);
      const { bindingMinutes, cardMinutes } = policy;
      if (application.decidedAt! <= lapsing(now)) return { given: false, reason: 'lapsed' };
      const account = application.accountId === undefined ? undefined : await subscribers.find(application.accountId);
      const checks = await checksOf(database, application.id);
      const at = { policy, now, since: account?.reproofingRequiredSince };
      const read = lastOf(checks, 'card');
      if (!read || standOf('card', checks, at) !== 'passed' || now.getTime() - read.at.getTime() > cardMinutes * MINUTE)
        return { given: false, reason: 'card_away' };
      // Since it was read the register may have reported of it, or of the number: nobody binds a card that was taken away.
      if (await isReported(parts, { ...application, applicant, number }))
        return { given: false, reason: 'card_reported' };
      if (lackingToBind(checks, at).length > 0) return { given: false, reason: 'stale' };
      const looked = isSeen(checks, { ...at, officer: officer.operatorId }) ? [] : [seenBy(parts, officer)];
      if (looked.length > 0 && !seen) return { given: false, reason: 'unseen' };
      // Whoever is back may have another card by now.
      const barring = await barringPortrait(parts, application);
      const code = printedCode(randomBytes);
      const until = new Date(now.getTime() + bindingMinutes * MINUTE);
      try {
        await database.transaction(async (transaction) => {
          await store.hold(transaction, application);
          await writeTogether(
            transaction,
            looked.flatMap((check) => [
              record(application.id, checks.length + 1, check),
              journal.append(
                stepped(application, 'counter.checked', {
                  actor: by(officer),
                  detail: { check: check.kind, result: check.result, rules: check.policy, again: true },
                }),
              ),
            ]),
          );
          // The database asks what was found before it takes a code.
          await writeTogether(transaction, [
            store.change(
              application,
              sql`binding_hash = ${hashOf(code)}, binding_browser = NULL, binding_before = ${until}`,
            ),
            journal.append(stepped(application, 'counter.code_given', { actor: by(officer) })),
            ...barring,
          ]);
        });
      } catch (error) {
        if (error instanceof store.Overtaken) return { given: false, reason: 'overtaken' };
        throw error;
      }
      return { given: true, code: inGroups(code), until };
    },

    async lapseNext() {
      const now = clock.now();
      const next = await store.nextUnbound(database, sealer, { before: lapsing(now), now });
      if (!next) return false;
      const account = next.accountId === undefined ? undefined : await subscribers.find(next.accountId);
      const addressed = account?.state === 'active' ? await parts.reachable(account) : undefined;
      await unlessOvertaken(
        () =>
          writeTogether(database, [
            store.change(next, sql`binding = 'lapsed', ${store.NO_CODE}`),
            journal.append(
              stepped(next, 'counter.binding_lapsed', { actor: { kind: 'system' }, detail: { reason: 'not_back' } }),
            ),
            ...(addressed ? parts.notices.queueToAll('counter_binding_lapsed', addressed, {}) : []),
          ]),
        undefined,
      );
      return true;
    },

    async begin(typed, browser) {
      const code = plainCode(typed);
      const found = isPrinted(code)
        ? await store.findBinding(database, sealer, { code: hashOf(code) }, clock.now())
        : undefined;
      if (!found) return 'closed';
      if (await isHandedOver(found)) return 'handed_over';
      try {
        await writeTogether(database, [store.change(found, sql`binding_browser = ${hashOf(browser)}`)]);
      } catch (error) {
        if (error instanceof store.Overtaken) return 'closed';
        throw error;
      }
      return 'begun';
    },

    async toBind(browser) {
      const found = await ofBrowser(browser);
      const subscriber = found?.accountId === undefined ? undefined : await subscribers.find(found.accountId);
      const card = found?.applicant?.card;
      if (!found || subscriber?.state !== 'active' || !card) return undefined;
      const { issuingState, documentNumber, expiresOn, key } = card;
      return {
        ...{ subscriber, officer: found.decidedBy ?? '' },
        ...(card.unbound ? {} : { card: { issuingState, documentNumber, expiresOn, key } }),
        identityNumber: await subscribers.identityNumber(subscriber.id),
      };
    },

    async binding(browser, bind) {
      const found = await ofBrowser(browser);
      const account = found?.accountId === undefined ? undefined : await subscribers.find(found.accountId);
      if (!found || !account) return 'closed';
      if (await isHandedOver(found)) return 'handed_over';
      const actor = { kind: 'operator', id: found.decidedBy ?? '' } as const;
      try {
        return await bind(async () => [
          // What the application said of the person stands with the account now.
          store.change(found, sql`binding = 'bound', ${store.NO_CODE}, applicant = NULL`),
          journal.append(stepped(found, 'counter.bound', { actor: { kind: 'subscriber', id: account.id } })),
          ...(await takenOver(account)),
          // What a former holder has agreed to in the very moment of the decision goes with what they opened in it.
          ...(await parts.withdrawingAll(account.id, actor, momentOf(found, clock.now()))),
        ]);
      } catch (error) {
        if (error instanceof store.Overtaken) return 'closed';
        // In this very moment.
        if (error instanceof AlreadyDone) return (await isHandedOver(found)) ? 'handed_over' : 'closed';
        throw error;
      }
    },
  };
}
