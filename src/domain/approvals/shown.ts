import type { ChangeRequest } from './change-request.ts';

/** A change request as anybody is told of it: without the members of its value that are nobody's business. */
export function withoutUnshown(request: ChangeRequest, unshown: readonly string[] = []): ChangeRequest {
  if (unshown.length === 0) return request;
  const without = (value: unknown): unknown =>
    Object.fromEntries(Object.entries(value as object).filter(([name]) => !unshown.includes(name)));
  const { before, after, diff } = request;
  return {
    ...request,
    ...(before === undefined ? {} : { before: without(before) }),
    after: without(after),
    diff: diff.filter(({ path }) => !unshown.includes(path)),
  };
}
