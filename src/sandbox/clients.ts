import {
  type FileClient,
  parseRegistration,
  type Registration,
  type ResourceServer,
} from '../domain/relying-parties/index.ts';
import type { Secret } from '../platform/secret.ts';
import { type PrivateJwk, publicJwk, sandboxKey, sandboxSecret } from './keys.ts';

/** The four samples, by the name of their folder. */
export type SampleName = 'airline' | 'bank' | 'portal' | 'clinic';

/** Where things are, and what the credentials of the sandbox's clients are derived from. */
export interface SandboxPlace {
  readonly issuer: string;
  readonly ports: Readonly<Record<SampleName, number>>;
  readonly master: Secret<Buffer>;
}

/** A client of the sandbox with the credentials that a developer needs. */
interface Sample {
  readonly registration: Registration;
  readonly secret?: string;
  readonly key?: PrivateJwk;
}

type Party = Registration['relyingParty'];
type Metadata = Registration['metadata'];

const parties = {
  airline: {
    id: 'lotus-air',
    name: { vi: 'Hãng hàng không Lotus Air', en: 'Lotus Air' },
    legalEntity: { id: 'lotus-air-jsc', name: { vi: 'Công ty cổ phần Lotus Air', en: 'Lotus Air JSC' } },
    mark: 'LA',
    colour: '#1f4e8c',
    contact: 'privacy@lotus-air.example',
  },
  bank: {
    id: 'song-hong-bank',
    name: { vi: 'Ngân hàng Sông Hồng', en: 'Sông Hồng Bank' },
    legalEntity: { id: 'song-hong-bank-jsc', name: { vi: 'Ngân hàng TMCP Sông Hồng', en: 'Sông Hồng Bank JSC' } },
    mark: 'SH',
    colour: '#8c1f2b',
    contact: 'privacy@song-hong.example',
  },
  portal: {
    id: 'public-service-portal',
    name: { vi: 'Cổng dịch vụ công (thử nghiệm)', en: 'Public service portal (test)' },
    legalEntity: { id: 'portal-office', name: { vi: 'Văn phòng Cổng thử nghiệm', en: 'Office of the test portal' } },
    mark: 'DV',
    colour: '#0f5c4a',
    contact: 'privacy@portal.example',
  },
  clinic: {
    id: 'lotus-clinic',
    name: { vi: 'Phòng khám Hoa Sen', en: 'Lotus Clinic' },
    legalEntity: { id: 'lotus-clinic-ltd', name: { vi: 'Công ty TNHH Phòng khám Hoa Sen', en: 'Lotus Clinic Ltd' } },
    mark: 'PK',
    colour: '#6a2c70',
    contact: 'privacy@lotus-clinic.example',
  },
  developer: {
    id: 'sandbox-developer',
    name: { vi: 'Nhà phát triển thử nghiệm', en: 'Sandbox developer' },
    legalEntity: { id: 'sandbox-developer', name: { vi: 'Nhà phát triển thử nghiệm', en: 'Sandbox developer' } },
    mark: 'PT',
    colour: '#51605a',
  },
  second: {
    id: 'sandbox-developer-2',
    name: { vi: 'Nhà phát triển thứ hai', en: 'Second sandbox developer' },
    legalEntity: { id: 'sandbox-developer-2', name: { vi: 'Nhà phát triển thứ hai', en: 'Second sandbox developer' } },
    mark: 'P2',
    colour: '#6b4a1b',
  },
} satisfies Record<string, Party>;

const personal = ['openid', 'assurance', 'profile'];
const everything = [...personal, 'offline_access', 'email', 'phone', 'address', 'vn_pin', 'vn_org'];
const ages = ['age_over_14', 'age_over_16', 'age_over_18'];
/** Whoever tries things out may ask how somebody was verified. */
const verified = ['verified_claims', 'nationalities'];
const tryOut = { vi: 'thử đăng nhập', en: 'try signing in' };
const callback = 'http://localhost:9999/callback';

const codeFlow = { grant_types: ['authorization_code', 'refresh_token'] } satisfies Partial<Metadata>;
const developer = {
  redirect_uris: [callback, `${callback}?dummy1=lorem&dummy2=ipsum`],
  post_logout_redirect_uris: ['http://localhost:9999/'],
  backchannel_logout_uri: 'http://localhost:9999/backchannel_logout',
} satisfies Partial<Metadata>;

const fapi = (key: PrivateJwk) =>
  ({
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    jwks: { keys: [publicJwk(key)] },
  }) satisfies Metadata;

const sampleMetadata = (port: number) =>
  ({
    redirect_uris: [`http://localhost:${port}/callback`],
    post_logout_redirect_uris: [`http://localhost:${port}/`],
    backchannel_logout_uri: `http://localhost:${port}/backchannel_logout`,
    client_uri: `http://localhost:${port}/`,
    ...codeFlow,
  }) satisfies Partial<Metadata>;

function samples({ ports, master }: SandboxPlace): Sample[] {
  const environment = 'sandbox' as const;
  const withSecret = (registration: Registration): Sample => ({
    registration,
    secret: sandboxSecret(master, registration.clientId),
  });
  const withKey = (clientId: string, registration: (key: PrivateJwk) => Omit<Registration, 'clientId'>): Sample => {
    const key = sandboxKey(master, clientId);
    return { registration: { clientId, ...registration(key) }, key };
  };
  const basic = { token_endpoint_auth_method: 'client_secret_basic' } as const;
  const open = { environment, purpose: tryOut, allowedScopes: everything, allowedClaims: [...ages, ...verified] };
  return [
    withSecret({
      clientId: 'sample-airline',
      relyingParty: parties.airline,
      environment,
      metadata: { ...sampleMetadata(ports.airline), ...basic },
      purpose: { vi: 'làm thủ tục chuyến bay', en: 'check in for your flight' },
      eventsUri: `http://localhost:${ports.airline}/events`,
      allowedScopes: personal,
    }),
    withKey('sample-bank', (key) => ({
      relyingParty: parties.bank,
      environment,
      fapi: true,
      metadata: { ...sampleMetadata(ports.bank), ...fapi(key) },
      purpose: { vi: 'mở và dùng tài khoản ngân hàng', en: 'open and use your bank account' },
      // A bank opens nothing below level 2 with a strong proof (Circular 17/2024).
      floors: { accountLevel: 2, authenticationLevel: 2, strong: true },
      allowedScopes: personal,
    })),
    withSecret({
      clientId: 'sample-portal',
      relyingParty: parties.portal,
      environment,
      metadata: { ...sampleMetadata(ports.portal), ...basic },
      purpose: { vi: 'nộp và theo dõi hồ sơ', en: 'file and follow your applications' },
      allowedScopes: personal,
      allowedClaims: ages,
    }),
    withKey('sample-clinic', (key) => ({
      relyingParty: parties.clinic,
      environment,
      metadata: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [publicJwk(key)] },
        client_uri: `http://localhost:${ports.clinic}/`,
      },
      purpose: { vi: 'tiếp nhận người bệnh', en: 'receive patients' },
      allowedScopes: [],
      inPersonVerification: {
        purposes: [
          {
            id: 'reception',
            text: { vi: 'lập hồ sơ khám bệnh', en: 'open a medical record' },
            legalBasis: 'Luật Khám bệnh, chữa bệnh 15/2023/QH15 (ví dụ)',
            claims: ['name', 'birthdate', 'gender'],
          },
          {
            id: 'pharmacy',
            text: { vi: 'bán thuốc cho người đủ 18 tuổi', en: 'sell medicine to adults' },
            legalBasis: 'Luật Dược 105/2016/QH13 (ví dụ)',
            claims: ['age_over_18'],
            face: 'optional',
          },
        ],
      },
    })),
    withSecret({
      clientId: 'sandbox-confidential',
      relyingParty: parties.developer,
      metadata: {
        ...developer,
        ...basic,
        grant_types: [...codeFlow.grant_types, 'client_credentials'],
      },
      ...open,
    }),
    withSecret({
      clientId: 'sandbox-confidential-post',
      relyingParty: parties.second,
      metadata: { ...developer, ...codeFlow, token_endpoint_auth_method: 'client_secret_post' },
      ...open,
    }),
    {
      registration: {
        clientId: 'sandbox-public',
        relyingParty: parties.developer,
        metadata: { ...developer, ...codeFlow, token_endpoint_auth_method: 'none' },
        ...open,
      },
    },
    withKey('sandbox-fapi', (key) => ({
      relyingParty: parties.developer,
      fapi: true,
      metadata: { ...developer, ...codeFlow, ...fapi(key) },
      ...open,
    })),
    withKey('sandbox-fapi-2', (key) => ({
      relyingParty: parties.second,
      fapi: true,
      metadata: { ...developer, ...codeFlow, ...fapi(key) },
      ...open,
    })),
    withSecret({
      clientId: 'sandbox-resource',
      relyingParty: parties.developer,
      environment,
      metadata: { ...basic, grant_types: ['client_credentials'] },
      purpose: tryOut,
      allowedScopes: [],
    }),
  ];
}

/** What GET /sandbox/clients.json says of one client: its metadata as the wire writes it, secret or private keys included. */
export type ClientCard = Readonly<Record<string, unknown>> & { readonly client_id: string };

/** The clients of a sandbox. */
export interface SandboxClients {
  /** For the registry of relying parties. */
  readonly registrations: readonly FileClient[];
  readonly resourceServers: readonly ResourceServer[];
  /** For developers. */
  cards(): ClientCard[];
  /** What a sample reads from its environment. */
  sampleEnvironment(name: SampleName): Record<string, string>;
}

/** Everything registered in a sandbox, with credentials that are the same after every start. */
export function createSandboxClients(place: SandboxPlace): SandboxClients {
  const list = samples(place);
  const registrations = list.map(({ registration, secret }): FileClient => {
    const parsed = parseRegistration(registration);
    if (!parsed.parsed) throw new Error(`${registration.clientId}: ${JSON.stringify(parsed.faults)}`);
    return { registration: parsed.registration, ...(secret === undefined ? {} : { secret }) };
  });
  const server = {
    relyingParty: parties.developer.id,
    scopes: ['read', 'write'],
    environment: 'sandbox',
  } as const;
  return {
    registrations,
    resourceServers: [
      // Its client may introspect, because it is the audience.
      { ...server, resource: 'https://api.sen.example/', audience: 'sandbox-resource', accessTokenFormat: 'opaque' },
      {
        ...server,
        resource: 'https://jwt.sen.example/',
        audience: 'https://jwt.sen.example/',
        accessTokenFormat: 'jwt',
      },
    ],
    cards: () =>
      list.map(({ registration, secret, key }) => ({
        client_id: registration.clientId,
        client_name: registration.relyingParty.name.en,
        ...registration.metadata,
        scope: registration.allowedScopes.join(' '),
        fapi: registration.fapi ?? false,
        floors: registration.floors ?? {},
        ...(secret === undefined ? {} : { client_secret: secret }),
        ...(key ? { jwks: { keys: [key] } } : {}),
      })),
    sampleEnvironment(name) {
      const clientId = `sample-${name}`;
      const sample = list.find(({ registration }) => registration.clientId === clientId);
      if (!sample) throw new Error(`there is no sample ${name}`);
      return {
        ISSUER: place.issuer,
        PORT: String(place.ports[name]),
        CLIENT_ID: clientId,
        ...(sample.secret === undefined ? {} : { CLIENT_SECRET: sample.secret }),
        ...(sample.key ? { CLIENT_JWKS: JSON.stringify({ keys: [sample.key] }) } : {}),
      };
    },
  };
}
