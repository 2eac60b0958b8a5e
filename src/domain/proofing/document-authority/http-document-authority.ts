import { createPartner, type PartnerParts, type Reachable } from '../../../platform/partner/partner.ts';
import { type DocumentAuthority, statusAnswer, unavailable, vouchAnswer } from './authority.ts';

/** An authority that answers over HTTPS, as `openapi.json` beside this file describes. */
export function createHttpDocumentAuthority(parts: PartnerParts): DocumentAuthority & Reachable {
  const authority = createPartner(parts, unavailable);
  return {
    resting: authority.resting,
    greet: authority.greet,
    status: ({ issuingState, documentNumber, sodSha256 }) =>
      authority.ask('/document-status', { issuingState, documentNumber, sodSha256 }, statusAnswer),
    vouch: (sod) => authority.ask('/security-object', { sod: sod.toString('base64') }, vouchAnswer),
  };
}
