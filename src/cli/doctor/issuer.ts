/** What a relying party does first: it reads the discovery document and compares the issuer (OpenID Connect Discovery §4.3). */
export async function issuerFaults(issuer: string): Promise<string[]> {
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) return [`the discovery document answers ${response.status}`];
    const skew = Math.abs(Date.now() - Date.parse(response.headers.get('date') ?? ''));
    const told = ((await response.json()) as { issuer?: string }).issuer;
    return [
      ...(told === issuer ? [] : [`another issuer answers there: ${told}`]),
      ...(skew > 30_000 ? [`its clock and this one are ${Math.round(skew / 1000)} s apart: synchronise both`] : []),
    ];
  } catch {
    return ['nobody answers there; is it running, and does the name lead here?'];
  }
}
