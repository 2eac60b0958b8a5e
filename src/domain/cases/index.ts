export type { CaseOutcome, CasePage, SecurityCase } from './case.ts';
export { CASE_OUTCOMES } from './case.ts';
export type { Cases, CasesParts } from './cases.ts';
export { CaseTaken, createCases } from './cases.ts';
