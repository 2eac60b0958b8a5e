import { z } from 'zod';
import { asOf, readAnswer } from '../../platform/partner/answer.ts';
import { createPartner, type PartnerParts, type Reachable } from '../../platform/partner/partner.ts';
import { OWNERSHIPS, type TelephoneRegistry, telephoneUnavailable } from './telephone-registry.ts';

const ownership = (now: Date) => z.object({ ownership: z.enum(OWNERSHIPS), asOf: asOf(now) });

/** The networks' registers over HTTPS, as `telephone-registry.openapi.json` beside this file describes. */
export function createHttpTelephoneRegistry(parts: PartnerParts): TelephoneRegistry & Reachable {
  const register = createPartner(parts, telephoneUnavailable);
  return {
    resting: register.resting,
    greet: register.greet,
    ownership: ({ phone, identityNumber }) =>
      register.ask('/ownership', { phone, identityNumber }, (body, now) =>
        readAnswer(ownership(now), body, telephoneUnavailable),
      ),
  };
}
