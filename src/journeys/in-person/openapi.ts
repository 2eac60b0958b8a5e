import { z } from 'zod';
import type { InPersonApiParts } from './parts.ts';
import { NAMED, request, verificationId } from './wire.ts';

const DESCRIPTION = `A clinic, a gate or a bank counter checks the person who stands there: the chip of the card, and the face
beside the portrait on it. The client has the permission in its registration (inPersonVerification), which in production two
operators have agreed on, and a token of its own by client_credentials for this resource (RFC 8707) with the scope
in_person_verification; a token that is bound to a key comes with a DPoP proof (RFC 9449), each proof once.

1. POST /verifications with the purpose, the claims, a nonce and whether the face is asked for. Show the person what \`shown\` says.
2. The card is read by the reader protocol (/chip/v1/asyncapi.json) at \`reader\`. GET /verifications/{id} says when it is read.
3. POST /verifications/{id}/result with the picture that the camera has just made, as image/jpeg, or with nothing where the face is
   not asked for. A picture in which no face can be compared is answered 422, and another may come, three in all.

The answer comes once: a JWS of the issuer (typ verification-result+jwt, keys at jwks_uri) for this client and this nonce. Check
signature, typ, iss, aud, exp and nonce, and then \`verified\`. A verification lives two minutes and is no other client's. Neither
picture nor anything of the card is kept; who has an account reads there who checked them, when, and what left.

Errors are problem documents (RFC 9457). A member that is not described here is refused with 400.`;

type Json = Record<string, unknown>;

/** The document says which dialect its schemas are of, and where they stand. */
const plain = ({ $schema: _, $id: __, ...schema }: Json): Json => schema;
const ref = (name: keyof typeof NAMED | 'Problem'): Json => ({ $ref: `#/components/schemas/${name}` });
const answered = (description: string, name: keyof typeof NAMED): Json => ({
  description,
  content: { 'application/json': { schema: ref(name) } },
});
const PROBLEM = {
  description: 'It was not done; the type says why.',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};

/** The OpenAPI 3.1 document, made from the schemas that requests are checked with and answers are cut to. */
export function openapi({ issuer, resource, scope }: Pick<InPersonApiParts, 'issuer' | 'resource' | 'scope'>): object {
  const security = [{ oauth2: [scope] }];
  const parameters = [
    { name: 'id', in: 'path', required: true, schema: plain(z.toJSONSchema(verificationId) as Json) },
  ];
  const schemas = Object.fromEntries(
    Object.entries(NAMED).map(([name, schema]) => [
      name,
      plain(z.toJSONSchema(schema, { io: schema === request ? 'input' : 'output' }) as Json),
    ]),
  );
  return {
    openapi: '3.1.0',
    info: { title: 'SenID in-person verification', version: '1.0.0', description: DESCRIPTION },
    servers: [{ url: resource }],
    paths: {
      '/verifications': {
        post: {
          ...{ operationId: 'verifications.open', summary: 'Begins a check of somebody who is there.', security },
          requestBody: { required: true, content: { 'application/json': { schema: ref('VerificationRequest') } } },
          responses: { 201: answered('Begun.', 'Verification'), default: PROBLEM },
        },
      },
      '/verifications/{id}': {
        get: {
          ...{ operationId: 'verifications.state', summary: 'How far the card is.', security, parameters },
          responses: { 200: answered('Open.', 'VerificationState'), default: PROBLEM },
        },
      },
      '/verifications/{id}/result': {
        post: {
          ...{ operationId: 'verifications.result', summary: 'Finishes it, and answers the result once.' },
          ...{ security, parameters },
          requestBody: {
            required: false,
            description: 'The picture, where the face is asked for.',
            content: { 'image/jpeg': { schema: { type: 'string', contentMediaType: 'image/jpeg' } } },
          },
          responses: { 200: answered('Finished, verified or not.', 'VerificationAnswer'), default: PROBLEM },
        },
      },
    },
    components: {
      schemas: { ...schemas, Problem: PROBLEM_SCHEMA },
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          flows: {
            clientCredentials: {
              tokenUrl: `${issuer}/token`,
              scopes: { [scope]: 'Checks people in presence, for the purposes that the client is registered with.' },
            },
          },
        },
      },
    },
  };
}

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'Leads to a page that says what the code means.' },
    title: { type: 'string', description: 'One sentence, in the language that was asked for.' },
    status: { type: 'integer' },
    code: { type: 'string' },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
    issues: { type: 'array', items: { type: 'string' } },
    pictures_left: { type: 'integer' },
  },
} as const;
