import { BaseChanged } from '../domain/approvals/index.ts';
import type { Journal } from '../domain/audit/index.ts';
import { createPasskeyHost } from '../domain/authenticators/index.ts';
import type { Notices } from '../domain/notices/index.ts';
import { createOperators, type OperatorsParts, operatorChanges } from '../domain/operators/index.ts';
import type { Foundation } from './foundation.ts';

/** Operators, and what changes them by two people. Their passkeys, challenges and counters have keys of their own. */
export function operators(base: Foundation, journal: Journal, notices: Notices) {
  const { settings, database, clock, sealer, sandbox } = base;
  const { issuer, brandName } = settings;
  const parts: OperatorsParts = {
    ...{ database, clock, journal, sandbox },
    sealer: sealer('operators'),
    passkeys: createPasskeyHost({
      ...{ database, clock },
      sealer: sealer('operator passkeys'),
      relyingPartyId: new URL(issuer).hostname,
      relyingPartyName: brandName,
      origin: new URL(issuer).origin,
    }),
    mail: ({ email, name, code }) =>
      notices.queue({
        kind: 'operator_invited',
        to: { medium: 'mail', address: email },
        locale: 'vi',
        name,
        values: { link: invitationLink(issuer, code) },
      }),
  };
  return {
    operators: createOperators(parts),
    operatorChanges: operatorChanges({ ...parts, baseChanged: () => new BaseChanged() }),
  };
}

/** The code stands behind the hash: a browser does not send it, and no log of an address has it. */
export const invitationLink = (issuer: string, code: string): string => `${issuer}/operator/invitation#${code}`;
