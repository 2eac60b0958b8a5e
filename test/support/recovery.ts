import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { domain } from '../../src/app/domain.ts';
import { foundation } from '../../src/app/foundation.ts';
import type { MessagePayload } from '../../src/domain/notices/index.ts';
import type { OnlineMethod, Proven } from '../../src/domain/recovery/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { fixedClock } from './clock.ts';
import { freshDatabase } from './database.ts';
import { anApplicant, aProofing } from './people.ts';
import { environmentOf, settingsOf } from './settings.ts';
import {
  type CreationOptions,
  type RequestOptions,
  type SoftwarePasskey,
  softwarePasskey,
} from './software-passkey.ts';

/** From another network each time: what is counted by network is case 40's. */
const somewhere = (): string => `2001:db8:${randomBytes(2).toString('hex')}::7`;
const RP = { rpId: 'localhost', origin: 'http://localhost:3999' };
const system = { kind: 'system' } as const;

/** Somebody with every factor there is, and what a thief could have of them. */
export interface Holder {
  readonly id: string;
  readonly identifier: string;
  readonly sheet: readonly string[];
  readonly passkey: SoftwarePasskey;
  /** Every confirmed address, each in normal form. */
  readonly addresses: readonly string[];
}

/** The domain on a database of its own and a clock that is moved by hand; what it writes to people is read from the outbox. */
export async function recoveryStand() {
  const fresh = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'senid-recovery-'));
  const clock = fixedClock();
  const base = foundation(settingsOf(environmentOf(fresh.url, 3999, folder, {})), clock, {});
  const parts = domain(base);
  let used = 0;

  /** What was written to people since this was last asked. */
  const messages = async (): Promise<MessagePayload['notice'][]> => {
    const told: MessagePayload['notice'][] = [];
    for (;;) {
      const claimed = await parts.outbox.claim('message', { limit: 50, lease: 60 });
      if (claimed.length === 0) return told;
      told.push(...claimed.map(({ payload }) => (payload as MessagePayload).notice));
      await parts.outbox.settle(claimed.map((message) => ({ message, fate: { delivered: true } })));
    }
  };

  const bind = async (id: string, kind: 'passkey' | 'recovery-code', answer: (request: never) => unknown) => {
    const subscriber = { id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] } as const;
    const common = { kind, subscriber, authority: { by: 'system' }, sessionKey: newId() } as const;
    const begun = await parts.authenticators.begin({ ...common, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const response = answer(begun.request as never);
    const bound = await parts.authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response });
    if (!bound.verified) throw new Error(bound.reason);
  };

  return {
    ...{ parts, clock, database: fresh.database, messages },

    async aHolder(level: 1 | 2, { settled = true }: { settled?: boolean } = {}): Promise<Holder> {
      const applicant = anApplicant();
      const email = `${applicant.identityNumber}@sen.example`;
      const registered = await parts.subscribers.register(
        { ...applicant, email, emailVerified: true },
        { by: system, ...(level === 2 ? { proofing: aProofing() } : {}) },
      );
      if (!registered.registered) throw new Error(JSON.stringify(registered));
      const { id } = registered;
      await parts.authenticators.install(id, { kind: 'password', password: 'mưa rơi trên lá sen chiều nay' });
      const passkey = softwarePasskey({ ...RP, backedUp: true });
      await bind(id, 'passkey', (request) => passkey.create(request as CreationOptions));
      let sheet: readonly string[] = [];
      await bind(id, 'recovery-code', (request) => {
        sheet = (request as { codes: string[] }).codes;
        return { code: sheet[0] };
      });
      used += 1;
      const second = `+84977${String(used).padStart(6, '0')}`;
      const mailbox = `second-${used}@sen.example`;
      const subscriber = (await parts.subscribers.find(id))!;
      for (const [medium, address] of [
        ['sms', second],
        ['mail', mailbox],
      ] as const) {
        const common = { subscriber, authority: system, sessionKey: 'here', medium } as const;
        const authority = { by: 'system' } as const;
        const begun = await parts.recoveries.addresses.begin({ ...common, authority, from: somewhere(), address });
        if (!begun.begun) throw new Error(begun.reason);
        const sent = (await messages()).find(
          ({ kind, to }) => kind === 'recovery_address_code' && to.address === address,
        );
        const code = String(sent?.values.code);
        const confirmed = await parts.recoveries.addresses.confirm({
          ...common,
          authority,
          challenge: begun.challenge,
          code,
        });
        if (!confirmed.confirmed) throw new Error(confirmed.reason);
      }
      // As old as an address has to be before it recovers anything.
      if (settled)
        await fresh.database.execute(
          sql`UPDATE recovery_addresses SET confirmed_at = confirmed_at - interval '72 hours' WHERE subscriber_id = ${id}`,
        );
      await messages();
      return {
        ...{ id, identifier: applicant.identityNumber, sheet, passkey },
        addresses: [applicant.phone!, email, second, mailbox],
      };
    },

    /** Proves a method as whoever has the factor: reads the code that came, or takes the next one of the sheet. */
    async prove(
      { identifier, sheet, passkey }: Holder,
      method: OnlineMethod,
      { holder, printed = 0 }: { holder?: string | undefined; printed?: number } = {},
    ): Promise<Proven & { readonly notices: MessagePayload['notice'][] }> {
      const sessionKey = randomBytes(16).toString('hex');
      const asked = {
        method,
        sessionKey,
        address: somewhere(),
        locale: 'vi',
        identifier,
        ...(holder ? { holder } : {}),
      } as const;
      await messages();
      const question = await parts.recoveries.ask(asked);
      if (!question.asked) return { proven: false, reason: question.reason, notices: await messages() };
      const code = (await messages()).find(({ kind }) => kind === 'recovery_code')?.values.code;
      const response =
        method === 'printed-code'
          ? { code: sheet[printed] }
          : method === 'passkey'
            ? passkey.get(question.options as RequestOptions)
            : { code: String(code) };
      const proven = await parts.recoveries.prove({ ...asked, challengeId: question.challengeId ?? '', response });
      return { ...proven, notices: await messages() };
    },

    /** Completes with a new passkey, naming everything else as lost or nothing. */
    async complete(holder: string, lost: readonly string[] = []) {
      const sessionKey = randomBytes(16).toString('hex');
      const begun = await parts.recoveries.begin(holder, sessionKey);
      if (!begun?.begun) return { completed: false, reason: 'over', notices: await messages() } as const;
      const passkey = softwarePasskey({ ...RP, backedUp: true });
      const response = passkey.create(begun.request as CreationOptions);
      const completed = await parts.recoveries.complete({
        ...{ holder, kind: 'passkey', sessionKey, challengeId: begun.challengeId ?? '', response, lost },
      });
      return { ...completed, passkey, notices: await messages() };
    },

    /** The account as a relying party of this legal entity knows it. */
    subOf: (id: string) =>
      parts.relyingParties.subjectFor(id, { id: 'an-entity', name: { vi: 'Bên', en: 'Party' } } as never),

    async states(id: string): Promise<string[]> {
      const rows = await fresh.database.rows<{ state: string }>(
        sql`SELECT state FROM recoveries WHERE subscriber_id = ${id} ORDER BY started_at, id`,
      );
      return rows.map(({ state }) => state);
    },

    async end() {
      await base.database.close();
      await fresh.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type RecoveryStand = Awaited<ReturnType<typeof recoveryStand>>;
