import type { Clock } from '../../platform/clock.ts';
import { createMoods, type Mood } from '../../platform/partner/mood.ts';
import { type EnterpriseRegistry, enterpriseUnavailable, type RegisteredEnterprise } from './enterprise-registry.ts';

/** The register of the sandbox: it knows the organisations that it is made with, and no other. */
export interface SimulatedEnterpriseRegistry extends EnterpriseRegistry {
  behave(how: Mood): void;
  /** It says this of an organisation from now on. */
  amend(enterprise: RegisteredEnterprise): void;
}

export function createSimulatedEnterpriseRegistry(parts: {
  readonly clock: Clock;
  readonly enterprises: readonly RegisteredEnterprise[];
  /** By code: questions about these meet silence. It is how somebody in the sandbox sees what happens then. */
  readonly silent?: Readonly<Record<string, Exclude<Mood, 'well'>>>;
  /** Milliseconds that a slow one is waited for. */
  readonly timeout?: number;
}): SimulatedEnterpriseRegistry {
  const { clock, silent = {} } = parts;
  const known = new Map(parts.enterprises.map((one) => [one.enterpriseCode, one]));
  const moods = createMoods(enterpriseUnavailable, parts.timeout);
  return {
    behave: moods.behave,
    amend: (enterprise) => void known.set(enterprise.enterpriseCode, enterprise),
    async find(enterpriseCode) {
      await moods.meet(Object.hasOwn(silent, enterpriseCode) ? silent[enterpriseCode] : 'well');
      const enterprise = known.get(enterpriseCode);
      const asOf = clock.now();
      return enterprise ? { found: true, enterprise, asOf } : { found: false, asOf };
    },
  };
}
