export { type Assured, answer } from './answer.ts';
export { type AskedValue, askedValues, withoutAskedValues } from './asked-values.ts';
export { claimsWithin, keepOnly, pathsOf, VERIFIED_CLAIMS } from './paths.ts';
export { type ElementRequest, requestFault, type VerifiedClaimsRequest } from './request.ts';
export { type VerifiedClaims, verifiedClaims, verifiedClaimsResponse } from './response.ts';
