import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** Somebody who has an account at the issuer; signs in there by the login. */
export type IssuerAccount = { login: string; email?: string; email_verified?: boolean; name?: string };

export type Issuer = {
  url: string;
  clientId: string;
  clientSecret: string;
  /** what it is asked for from now on is known */
  accounts: Map<string, IssuerAccount>;
  /** Signs in as a browser would, from the address a client sends it to, up to the one it is sent back to. */
  signIn(address: string, login: string): Promise<URL>;
  stop(): Promise<void>;
};

/** A real issuer of OpenID Connect (`oidc-provider`) on a port of its own, with one registered client. */
export async function startIssuer(redirectUri: string): Promise<Issuer> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const [clientId, clientSecret] = ['supafleet', 'a secret of the client'];
  const accounts = new Map<string, IssuerAccount>();
  const provider = new Provider(url, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['a key of the test'] },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, login) => {
      const { login: sub, ...known } = accounts.get(login) ?? { login };
      return { accountId: login, claims: () => ({ ...known, sub }) };
    },
  });
  server.on('request', provider.callback());
  return {
    url,
    clientId,
    clientSecret,
    accounts,
    signIn: (address, login) => walk(address, login, redirectUri),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Follows redirects and fills in the issuer's own forms, with its cookies. */
async function walk(address: string, login: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let next: { url: string; body?: URLSearchParams } = { url: address };
  for (let step = 0; step < 12; step += 1) {
    if (next.url.startsWith(redirectUri)) return new URL(next.url);
    const response = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ') },
      ...(next.body !== undefined && { method: 'POST', body: next.body }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      next = { url: new URL(location, next.url).href };
      continue;
    }
    const page = await response.text();
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    const [, prompt] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
    if (action === undefined || prompt === undefined)
      throw new Error(`no form at ${next.url}: ${response.status} ${page}`);
    next = { url: new URL(action, next.url).href, body: new URLSearchParams({ prompt, login, password: 'any' }) };
  }
  throw new Error('the issuer sent nobody back');
}
