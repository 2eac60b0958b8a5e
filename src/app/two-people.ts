import { type ChangeSubject, createApprovals } from '../domain/approvals/index.ts';
import { type AssurancePolicies, createPolicyChanges } from '../domain/assurance-policies/index.ts';
import type { Journal } from '../domain/audit/index.ts';
import { createApiClients, createKeptAnswers, type Operators, type OperatorValue } from '../domain/operators/index.ts';
import { createCardRuleChanges, createNationalCscaChanges, type TrustStore } from '../domain/proofing/index.ts';
import { clientChanges, type RelyingParties, resourceServerChanges } from '../domain/relying-parties/index.ts';
import { type SigningKeys, signingKeyChanges } from '../domain/signing-keys/index.ts';
import { facePadOf } from './cards.ts';
import type { Foundation } from './foundation.ts';

/** What takes two people, each kind of it once; and the programs through which operators do it. */
export function twoPeople(
  base: Foundation,
  parts: {
    readonly journal: Journal;
    readonly relyingParties: RelyingParties;
    readonly trustStore: TrustStore;
    readonly policies: AssurancePolicies;
    readonly signingKeys: SigningKeys;
    readonly operators: Operators;
    readonly operatorChanges: ChangeSubject<OperatorValue>;
  },
) {
  const { database, clock, sealer, sandbox, egress, fault: failed } = base;
  const { journal, relyingParties, trustStore, policies, operators } = parts;
  const { find: operator, standing } = operators;
  const subjects = [
    clientChanges({ database, clock, journal, egress, sandbox, relyingParties }),
    resourceServerChanges({ database, clock, journal, sandbox, relyingParties }),
    createNationalCscaChanges({ database, clock, journal, trustStore }),
    createCardRuleChanges({ clock, journal, forget: trustStore.forget, ...facePadOf(base) }),
    createPolicyChanges({ clock, journal, policies }),
    signingKeyChanges(parts.signingKeys),
    parts.operatorChanges,
  ] as readonly ChangeSubject[];
  return {
    approvals: createApprovals({
      ...{ database, clock, journal, subjects, standing, failed },
      sealer: sealer('approvals'),
    }),
    changeKinds: subjects.map(({ kind }) => kind),
    apiClients: createApiClients({
      ...{ database, clock, journal, operator, standing },
      sealer: sealer('api-clients'),
    }),
    keptAnswers: createKeptAnswers({ database, clock, sealer: sealer('api-answers') }),
  };
}
