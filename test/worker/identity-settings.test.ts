import { expect, test } from 'vitest';
import { providerSettings } from '../../worker/identity/settings.ts';

const github = { name: 'github', kind: 'github', clientId: 'id', clientSecret: 'secret' };
const oidc = { name: 'house', kind: 'oidc', issuer: 'https://id.example/', clientId: 'id', clientSecret: 'secret' };

test('a provider needs its id and secret, everything else has a default', () => {
  expect(providerSettings.parse([github, oidc])).toMatchObject([
    { url: 'https://github.com', apiUrl: 'https://api.github.com' },
    // as the issuer writes itself, with its slash
    { issuer: 'https://id.example/', scopes: 'openid email profile' },
  ]);
});

test.each([
  ['one name twice', [github, { ...oidc, name: 'github' }]],
  ['the name of another way in', [{ ...oidc, name: 'email' }]],
  ['a name that is no word of an address', [{ ...oidc, name: 'My House' }]],
  ['no secret', [{ ...github, clientSecret: '' }]],
  ['an unknown kind', [{ ...github, kind: 'saml' }]],
  ['a slip in a name of a setting', [{ ...oidc, scope: 'openid' }]],
  ['an issuer that is no address', [{ ...oidc, issuer: 'id.example' }]],
  ['an issuer of another protocol', [{ ...oidc, issuer: 'file:///etc/passwd' }]],
  ['no domain at all', [{ ...oidc, emailDomains: [] }]],
])('%s is refused at the start', (_, settings) => {
  expect(providerSettings.safeParse(settings).success).toBe(false);
});
