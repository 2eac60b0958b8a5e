/**
 * What stops a request (or the process) for a reason we can name. Its code is `area.name`, declared by its area with
 * `declareErrors`; both languages have a sentence for it under `errors.<code>` in `views/messages`.
 * What a person or a relying party can cause is a return value instead (design §6, Errors).
 */
export class EidError extends Error {
  readonly code: string;
  readonly status: number;
  /** Facts that may be shown: names of settings, limits, never values of people. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** What a program is told beyond the code: members of the problem document (RFC 9457 §3.2). */
  readonly members: Readonly<Record<string, unknown>>;
  constructor(
    code: string,
    options: {
      status?: number;
      facts?: Record<string, string | number>;
      members?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EidError';
    this.code = code;
    this.status = options.status ?? declared.get(code)?.status ?? 500;
    this.facts = options.facts ?? {};
    this.members = options.members ?? {};
  }
}

/** One row of the README's table of errors. */
export interface DeclaredError {
  readonly status: number;
  /** One English sentence for engineers: when it happens. */
  readonly when: string;
}

const declared = new Map<string, DeclaredError>();

/** Declares an area's errors once, at load; declaring one code twice is a mistake of ours. */
export function declareErrors(area: string, errors: Record<string, DeclaredError>): void {
  for (const [name, error] of Object.entries(errors)) {
    const code = `${area}.${name}`;
    if (declared.has(code)) throw new Error(`error ${code} is declared twice`);
    declared.set(code, error);
  }
}

/** Every declared error, sorted by code, for the generated table and the test of the messages. */
export const declaredErrors = (): [string, DeclaredError][] => [...declared].sort(([a], [b]) => a.localeCompare(b));
