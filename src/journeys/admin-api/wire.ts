import { z } from 'zod';
import { CHANGE_KINDS, CHANGE_STATES } from '../../domain/approvals/index.ts';
import { DELIVERY_KINDS } from '../../domain/deliveries/index.ts';
import { ROLES } from '../../domain/operators/index.ts';
import { SECTORS } from '../../domain/relying-parties/index.ts';

/** What is asked and answered, as JSON Schema can say it. What an answer does not describe is left out of it. */
export const moment = z.iso.datetime();
export const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const clientId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,126}$/);
export const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
export const number = z.coerce.number().int().min(1).max(999_999_999);
export const reason = z.string().min(1).max(500);
const bilingual = z.object({ vi: z.string(), en: z.string() });
const json = z.record(z.string(), z.unknown());

export const environment = z.enum(['sandbox', 'production']);
export const sector = z.enum(SECTORS);
export const kind = z.enum(CHANGE_KINDS);
export const state = z.enum(CHANGE_STATES);

export const clientLine = z.object({
  clientId: z.string(),
  name: bilingual,
  relyingParty: z.string(),
  legalEntity: z.string(),
  environment,
  sector: sector.optional(),
  fapi: z.boolean(),
  disabled: z.boolean(),
  registeredAt: moment,
});

export const relyingParty = z.object({
  id: z.string(),
  name: bilingual,
  legalEntity: z.string(),
  entityName: bilingual,
  mark: z.string(),
  colour: z.string(),
  contact: z.string().optional(),
  sector: sector.optional(),
  contacts: z
    .object({
      dataProtection: z.string().optional(),
      technical: z.string().optional(),
      security: z.string().optional(),
    })
    .optional(),
});

export const clientVersion = z.object({
  number: z.int(),
  registration: json,
  disabled: z.boolean(),
  at: moment,
  by: z.string(),
  changeRequest: uuid.optional(),
});

export const client = clientVersion.extend({ clientId: z.string() });

export const fieldChange = z.object({
  path: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

export const changeRequest = z.object({
  id: uuid,
  number: z.int(),
  kind,
  subject: z.string(),
  revision: z.int(),
  state,
  baseVersion: z.string().optional(),
  before: z.unknown().optional(),
  after: z.unknown(),
  diff: z.array(fieldChange),
  reason: z.string(),
  findings: z.array(z.object({ level: z.enum(['error', 'warning']), path: z.string(), message: z.string() })),
  risks: z.array(z.object({ code: z.string(), path: z.string() })),
  draftedBy: z.string(),
  draftedAt: moment,
  amendedBy: z.array(uuid),
  proposedBy: uuid.optional(),
  proposedAt: moment.optional(),
  decidedBy: uuid.optional(),
  decidedAt: moment.optional(),
  note: z.string().optional(),
  activateAt: moment.optional(),
  appliedAt: moment.optional(),
  restores: z.string().optional(),
  outcome: z.string().optional(),
});

export const delivery = z.object({
  id: uuid,
  kind: z.enum(DELIVERY_KINDS),
  clientId: z.string(),
  signOut: z.string(),
  state: z.string(),
  queuedAt: moment,
  attempts: z.int(),
  lastAttemptAt: moment.optional(),
  nextAttemptAt: moment.optional(),
  lastFailure: z.string().optional(),
  deliveredAt: moment.optional(),
  deadAt: moment.optional(),
  replays: z.int(),
});

export const signingKey = z.object({
  kid: z.string(),
  algorithm: z.string(),
  state: z.enum(['current', 'next', 'retired']),
  custody: z.string(),
  createdAt: moment,
  usableAt: moment.optional(),
  activatedAt: moment.optional(),
  retiredAt: moment.optional(),
  forgottenAt: moment.optional(),
});

const role = z.enum(ROLES);

export const operator = z.object({
  id: uuid,
  name: z.string(),
  email: z.string(),
  office: z.string(),
  roles: z.array(role),
  state: z.enum(['invited', 'active', 'suspended', 'retired']),
  createdAt: moment,
  lastSeenAt: moment.optional(),
});

export const office = z.object({
  id: z.string(),
  parentId: z.string().optional(),
  kind: z.enum(['nation', 'province', 'commune']),
  name: bilingual,
  training: z.literal(true).optional(),
});

export const journalEntry = z.object({
  sequence: z.int(),
  at: moment,
  type: z.string(),
  /** Who acted, by name only where it was somebody of ours. */
  actor: z.object({ kind: z.string(), id: z.string().optional() }),
  /** Whether it is about a citizen. Which one is said at the console, for a reason, and then they read of it. */
  aboutSomebody: z.boolean(),
  clientId: z.string().optional(),
  detail: json.optional(),
});

export const journalState = z.object({
  last: z.object({ at: moment, result: json }).optional(),
  running: z.object({ askedAt: moment }).optional(),
  waiting: z.int(),
  waitingSince: moment.optional(),
});

export const assurancePolicy = json;

export const apiClient = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(role),
  createdAt: moment,
  expiresAt: moment,
  revokedAt: moment.optional(),
});

export const self = z.object({
  operatorId: uuid,
  name: z.string(),
  office: z.string(),
  roles: z.array(role),
  clientId: z.string(),
});

/** The schemas that have a name in the OpenAPI document. */
export const NAMED = {
  ApiClient: apiClient,
  AssurancePolicy: assurancePolicy,
  ChangeRequest: changeRequest,
  Client: client,
  ClientLine: clientLine,
  ClientVersion: clientVersion,
  Delivery: delivery,
  FieldChange: fieldChange,
  JournalEntry: journalEntry,
  JournalState: journalState,
  Office: office,
  Operator: operator,
  RelyingParty: relyingParty,
  Self: self,
  SigningKey: signingKey,
} as const;
