import { type BrowserContext, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.ts';

/** A passkey device of Chromium's own making, attached to one page. */
export interface VirtualAuthenticator {
  readonly id: string;
  /** Whether the person passes the device's own check (fingerprint, PIN) from now on. */
  setUserVerified(verified: boolean): Promise<void>;
  /** Whether the person is there to touch it: without them a prompt waits. They are, unless this says otherwise. */
  setPresent(present: boolean): Promise<void>;
  credentials(): Promise<{ credentialId: string; rpId?: string; userHandle?: string; signCount: number }[]>;
  /** Puts a credential made elsewhere into the device; private key in PKCS #8, all in base64. */
  addCredential(credential: {
    credentialId: string;
    rpId: string;
    privateKey: string;
    userHandle: string;
    signCount: number;
  }): Promise<void>;
  remove(): Promise<void>;
}

/** One Chromium with one page. */
export interface OpenBrowser {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly cdp: CDPSession;
  /** A second device, or one with other abilities. */
  addAuthenticator(options?: AuthenticatorOptions): Promise<VirtualAuthenticator>;
}

export interface AuthenticatorOptions {
  /** The device is part of this machine, or plugged in. */
  readonly transport?: 'internal' | 'usb' | 'hybrid';
  readonly userVerification?: boolean;
  /** It can be backed up, and is: a synchronised passkey. */
  readonly synchronised?: boolean;
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Opens a Chromium of its own, lets `work` use it, and closes it whatever happens. Errors of the page's scripts fail the work. */
export async function withBrowser<T>(
  work: (browser: OpenBrowser) => Promise<T>,
  options: BrowserContextOptions & { readonly expectPageErrors?: boolean } = {},
): Promise<T> {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Error('Chromium is missing: install the package chromium, or name one in CHROMIUM_PATH');
  const chromiumProcess = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    const { expectPageErrors, ...contextOptions } = options;
    const context = await chromiumProcess.newContext({ locale: 'vi-VN', ...contextOptions });
    const page = await context.newPage();
    const faults: Error[] = [];
    page.on('pageerror', (fault) => faults.push(fault));
    const cdp = await context.newCDPSession(page);
    const result = await work({ context, page, cdp, addAuthenticator: (more) => addAuthenticator(cdp, more) });
    if (faults.length > 0 && !expectPageErrors)
      throw new AggregateError(faults, `the page's script failed: ${faults[0]?.message}`);
    return result;
  } finally {
    await chromiumProcess.close();
  }
}

/** A CTAP 2 device with discoverable credentials, present and verified without anybody touching it. */
export async function addAuthenticator(
  cdp: CDPSession,
  { transport = 'internal', userVerification = true, synchronised = false }: AuthenticatorOptions = {},
): Promise<VirtualAuthenticator> {
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport,
      hasResidentKey: true,
      hasUserVerification: userVerification,
      isUserVerified: userVerification,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: synchronised,
      defaultBackupState: synchronised,
    },
  });
  return {
    id: authenticatorId,
    async setUserVerified(isUserVerified) {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async setPresent(enabled) {
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    async credentials() {
      return (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    },
    async addCredential(credential) {
      const complete = { isResidentCredential: true, ...credential };
      await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: complete });
    },
    async remove() {
      await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}
