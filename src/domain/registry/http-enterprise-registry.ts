import { z } from 'zod';
import { asOf, readAnswer } from '../../platform/partner/answer.ts';
import { createPartner, type PartnerParts, type Reachable } from '../../platform/partner/partner.ts';
import {
  ENTERPRISE_CODE,
  ENTERPRISE_STATUSES,
  type EnterpriseRegistry,
  enterpriseUnavailable,
  REPRESENTATIVE_ROLES,
} from './enterprise-registry.ts';

/** Names go round byte by byte in NFC; a register that composes otherwise is read as the same name. */
const name = (longest: number) =>
  z
    .string()
    .min(1)
    .transform((written) => written.normalize('NFC'))
    .pipe(
      z
        .string()
        .max(longest)
        .regex(/^[^\p{Cc}]*$/u),
    );

const representative = z.object({
  identityNumber: z.string().regex(/^\d{12}$/),
  fullName: name(200),
  role: z.enum(REPRESENTATIVE_ROLES),
});

/** An answer about another organisation than was asked about is none, nor is one that lists somebody twice. */
const answer = (code: string, now: Date) =>
  z.discriminatedUnion('found', [
    z.object({
      found: z.literal(true),
      enterprise: z.object({
        enterpriseCode: z
          .string()
          .regex(ENTERPRISE_CODE)
          .refine((told) => told === code),
        name: name(300),
        status: z.enum(ENTERPRISE_STATUSES),
        representatives: z
          .array(representative)
          .max(50)
          .refine((all) => new Set(all.map(({ identityNumber }) => identityNumber)).size === all.length),
      }),
      asOf: asOf(now),
    }),
    z.object({ found: z.literal(false), asOf: asOf(now) }),
  ]);

/** The register of enterprises over HTTPS, as `enterprise-registry.openapi.json` beside this file describes. */
export function createHttpEnterpriseRegistry(parts: PartnerParts): EnterpriseRegistry & Reachable {
  const register = createPartner(parts, enterpriseUnavailable);
  return {
    resting: register.resting,
    greet: register.greet,
    find: (enterpriseCode) =>
      register.ask('/enterprise', { enterpriseCode }, (body, now) =>
        readAnswer(answer(enterpriseCode, now), body, enterpriseUnavailable),
      ),
  };
}
