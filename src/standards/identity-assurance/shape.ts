/** What may be asked and answered in a `verification`, as a tree: OpenID Identity Assurance Schema Definition 1.0 §5.4. */
export type Shape = Value | Parent | List;

/** Asked by null or an object of restrictions; answered by a string. */
export interface Value {
  readonly kind: 'value';
}

/** Its members are asked one by one. `required`: the schema wants them wherever this is answered. */
export interface Parent {
  readonly kind: 'parent';
  readonly members: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
}

/**
 * An array; each entry of a request is a filter and a template (OpenID Connect for Identity Assurance 1.0 §5.4).
 * `whole`: what is there is answered as a whole, whatever the entries name.
 */
export interface List {
  readonly kind: 'list';
  readonly each: Parent;
  readonly whole: boolean;
}

const value: Value = { kind: 'value' };
const parent = (members: Readonly<Record<string, Shape>>, ...required: readonly string[]): Parent => ({
  kind: 'parent',
  members,
  required,
});
const list = (each: Parent, whole = false): List => ({ kind: 'list', each, whole });
const values = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, value]));

const ADDRESS = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country', 'country_code'];
/** Who issued a document or keeps a register. */
const authority = parent(values('name', ...ADDRESS, 'jurisdiction'));

const evidence = parent(
  {
    // §5.4.4.5 names an issuer, a number and a time of its own for electronic signatures: values, not parents.
    ...values('type', 'attachments', 'signature_type', 'issuer', 'serial_number', 'created_at'),
    check_details: list(parent(values('check_method', 'organization', 'check_id', 'time'), 'check_method')),
    document_details: parent(
      {
        ...values('type', 'document_number', 'serial_number', 'date_of_issuance', 'date_of_expiry'),
        issuer: authority,
      },
      'type',
    ),
    record: parent({ ...values('type', 'created_at', 'date_of_expiry'), source: authority }, 'type'),
    attestation: parent(
      {
        ...values('type', 'reference_number', 'date_of_issuance', 'date_of_expiry'),
        voucher: parent(values('name', 'birthdate', ...ADDRESS, 'occupation', 'organization')),
      },
      'type',
    ),
    derived_claims: parent({}),
  },
  'type',
);

/** Which checks assure something, by their `check_id` (§5.4.2). */
const references = list(
  parent({ check_id: value, evidence_metadata: parent(values('evidence_classification')) }, 'check_id'),
  true,
);

/** §5.4.2; `assurance_details` is answered whole where it is asked for (Identity Assurance 1.0 §5.4). */
export const VERIFICATION: Parent = parent(
  {
    ...values('trust_framework', 'assurance_level', 'time', 'verification_process'),
    assurance_process: parent({
      ...values('policy', 'procedure'),
      assurance_details: list(
        parent({ ...values('assurance_type', 'assurance_classification'), evidence_ref: references }),
        true,
      ),
    }),
    evidence: list(evidence),
  },
  'trust_framework',
);

/** What stands where the standard names nothing: it is nothing that we have. */
export const UNKNOWN: Value = value;

/** The claims of a person that Core §5.1 and OpenID Connect for Identity Assurance Claims Registration 1.0 §4 make of text. */
export const TEXT_CLAIMS = [
  ...['name', 'given_name', 'middle_name', 'family_name', 'nickname', 'preferred_username', 'profile', 'picture'],
  ...['website', 'gender', 'zoneinfo', 'locale', 'email', 'phone_number'],
  ...['birth_family_name', 'birth_given_name', 'birth_middle_name', 'salutation', 'title', 'also_known_as'],
] as const;
