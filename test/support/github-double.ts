import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Email = { email: string; primary: boolean; verified: boolean };
export type GithubAccount = { id: number; login: string; emails: Email[] };

/** Stands in for GitHub: what of it is needed to sign in, as its documentation describes it. Not the real one. */
export async function startGithubDouble() {
  const grants = new Map<string, { account: GithubAccount; challenge: string; redirectUri: string }>();
  const tokens = new Map<string, GithubAccount>();
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { pathname } = new URL(request.url ?? '/', 'http://double');
    if (pathname === '/login/oauth/access_token') {
      let text = '';
      for await (const chunk of request) text += chunk;
      const form = new URLSearchParams(text);
      const grant = grants.get(form.get('code') ?? '');
      grants.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (
        grant?.challenge !== challenge ||
        grant.redirectUri !== form.get('redirect_uri') ||
        form.get('client_secret') !== 'double secret'
      ) {
        // it says so with a 200
        return answer(200, { error: 'bad_verification_code', error_description: 'The code passed is incorrect.' });
      }
      const token = `gho_${randomUUID()}`;
      tokens.set(token, grant.account);
      return answer(200, { access_token: token, scope: 'read:user,user:email', token_type: 'bearer' });
    }
    const account = tokens.get(/^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (account === undefined) return answer(401, { message: 'Bad credentials' });
    if (request.headers['user-agent'] === undefined) return answer(403, { message: 'Make sure there is a User-Agent' });
    if (pathname === '/user') {
      return answer(200, {
        id: account.id,
        login: account.login,
        name: null,
        avatar_url: null,
        email: 'public@x.example',
      });
    }
    return pathname === '/user/emails' ? answer(200, account.emails) : answer(404, { message: 'Not Found' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    clientSecret: 'double secret',
    /** Consents as a browser would; gives the address it is sent back to. */
    consent(address: string, account: GithubAccount): URL {
      const asked = new URL(address).searchParams;
      const code = randomUUID();
      const redirectUri = asked.get('redirect_uri') ?? '';
      grants.set(code, { account, challenge: asked.get('code_challenge') ?? '', redirectUri });
      const back = new URL(redirectUri);
      back.search = new URLSearchParams({ code, state: asked.get('state') ?? '' }).toString();
      return back;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
