/** Front door: the periods that the law gives, each with its clause and since when it holds. See README.md. */
export type { LegalTerm, LegalTermName } from './legal-terms.ts';
export { endOfTerm, LEGAL_TERMS, termAt } from './legal-terms.ts';
