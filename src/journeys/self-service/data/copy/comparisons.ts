import type { EventDetail } from '../../../../domain/audit/index.ts';

/** How near a picture or a finger came, and what gave an attack away: whoever holds a session would try until it is near enough. */
const OF_COMPARISONS = /(?:^|_)(?:score|threshold|outcome|came|pad|padResult|issues|engine|transaction|reused)$/;
const isComparison = (detail: EventDetail): boolean => Object.keys(detail).some((name) => /(?:^|_)score$/.test(name));

/** What was looked at, without how near it came (face.md §5): how it ended stands beside it. */
export const withoutComparison = (detail: EventDetail): EventDetail =>
  isComparison(detail)
    ? Object.fromEntries(Object.entries(detail).filter(([name]) => !OF_COMPARISONS.test(name)))
    : detail;

/** The same of the checks of an application. */
export const withoutComparisons = <Row extends { readonly checks?: readonly { readonly detail?: EventDetail }[] }>(
  row: Row,
): Row => ({
  ...row,
  checks: row.checks?.map((check) => (check.detail ? { ...check, detail: withoutComparison(check.detail) } : check)),
});
