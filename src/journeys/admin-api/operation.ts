import { z } from 'zod';
import type { Acting, Permission } from '../../domain/operators/index.ts';

/** One request, after everything that can be wrong with it by itself has been refused. */
export interface Call<Params, Query, Body> {
  /** The human behind the program, with the roles that operator, program and token have in common. */
  readonly acting: Acting;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** What `If-Match` named; 0 where nothing is asked for. */
  readonly revision: number;
}

/** What an operation answers. What its schema does not describe does not leave. */
export interface Answer {
  readonly body: unknown;
  /** Becomes the `ETag`. */
  readonly revision?: number;
  /** Of what has been made: a path below the API's. */
  readonly location?: string;
}

interface OperationOf<Params, Query, Body> {
  /** `clients.get`: the operationId. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** `/clients/{clientId}` */
  readonly path: string;
  readonly summary: string;
  /** `own`: what every operator may do with what is theirs. A list: any of these is let in, and the act asks for its own. */
  readonly permission: Permission | 'own' | readonly Permission[];
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: z.ZodType;
  readonly status?: 200 | 201;
  /** `answered`: with an `ETag`. `named`: the request says in `If-Match` which revision was looked at. */
  readonly revision?: 'answered' | 'named';
}

type Read<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<string, never>;

/** One line of the table that routes, OpenAPI document and fuzz are made of. */
export interface Operation extends OperationOf<z.ZodObject, z.ZodObject, z.ZodObject> {
  act(call: Call<never, never, never>): Promise<Answer>;
}

/** Declares one; the types of what `act` gets follow from the schemas. */
export function operation<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodObject | undefined = undefined,
>(
  one: OperationOf<Params, Query, Body> & { act(call: Call<Read<Params>, Read<Query>, Read<Body>>): Promise<Answer> },
): Operation {
  return one as unknown as Operation;
}

/** What nobody has to say anything in. */
export const nothing = z.strictObject({});
