/** One variable of a build of Studio for the platform. */
export type StudioVariable = { name: string; value: string; why: string };

export type StudioEnvInput = {
  /** the control plane's address, without a slash at its end */
  url: string;
  studioUrl: string;
  /** names of hosts as agents join with them, or origins as a Content-Security-Policy writes them */
  projectHosts: string[];
  captchaSiteKey: string;
};

/** hCaptcha's own key for tests: passes everybody, and needs no account there. */
export const testCaptchaSiteKey = '10000000-ffff-ffff-ffff-000000000001';

/** Variables that must not be set, and why. */
export const leftUnset = [
  {
    names: ['NEXT_PUBLIC_CONFIGCAT_PROXY_URL', 'NEXT_PUBLIC_CONFIGCAT_SDK_KEY'],
    why: 'so that Studio asks no service for flags',
  },
];

/** Pure: what Studio has to be built with for a control plane. `docs/studio.md` has the reasons at length. */
export function studioEnv({ url, studioUrl, projectHosts, captchaSiteKey }: StudioEnvInput): StudioVariable[] {
  const origins = [...new Set(projectHosts.flatMap(projectOrigins))];
  const sockets = origins.map((origin) => origin.replace(/^http/, 'ws'));
  const nothing = 'not served here; Studio only needs something that is no empty string';
  return [
    { name: 'NEXT_PUBLIC_IS_PLATFORM', value: 'true', why: 'many organizations and projects, with sign-in' },
    { name: 'NEXT_PUBLIC_ENVIRONMENT', value: 'prod', why: 'anything else shows fields and regions of tests' },
    { name: 'NEXT_PUBLIC_API_URL', value: `${url}/platform`, why: 'must end in /platform; /v1 is found beside it' },
    { name: 'NEXT_PUBLIC_GOTRUE_URL', value: `${url}/auth/v1`, why: "sign-in; Studio's own server asks it as well" },
    { name: 'NEXT_PUBLIC_SITE_URL', value: studioUrl, why: 'where links in mails and identity providers lead back to' },
    { name: 'NEXT_PUBLIC_HCAPTCHA_SITE_KEY', value: captchaSiteKey, why: 'sign-in waits for hCaptcha in the browser' },
    {
      name: 'NIMBUS_PROD_PROJECTS_URL',
      value: origins.join(' '),
      why: 'hosts of projects, for the Content-Security-Policy',
    },
    { name: 'NIMBUS_PROD_PROJECTS_URL_WS', value: sockets.join(' '), why: 'the same for websockets' },
    { name: 'NEXT_PUBLIC_SUPABASE_URL', value: url, why: `search in the documentation: ${nothing}` },
    { name: 'NEXT_PUBLIC_SUPABASE_ANON_KEY', value: 'none', why: 'as above' },
    { name: 'NEXT_PUBLIC_CONTENT_API_URL', value: `${url}/content`, why: `content of the documentation: ${nothing}` },
    { name: 'NEXT_PUBLIC_MARKETPLACE_API_URL', value: url, why: `list of partners: ${nothing}` },
    { name: 'NEXT_PUBLIC_MARKETPLACE_PUBLISHABLE_KEY', value: 'none', why: 'as above' },
    { name: 'NEXT_PUBLIC_SUPPORT_API_URL', value: url, why: `attachments of support requests: ${nothing}` },
    { name: 'NEXT_PUBLIC_SUPPORT_ANON_KEY', value: 'none', why: 'as above' },
  ].filter(({ value }) => value !== '');
}

/** As a file for Next.js, whose variables may name each other by a dollar: there is none in a URL or a key. */
export function dotenv(variables: StudioVariable[]): string {
  const set = variables.map(
    ({ name, value, why }) => `# ${why}\n${name}=${value.includes(' ') ? `"${value}"` : value}\n`,
  );
  const unset = leftUnset.map(({ names, why }) => `# leave unset, ${why}: ${names.join(', ')}\n`);
  return [...set, ...unset].join('');
}

/** A host of projects as sources of a Content-Security-Policy. */
function projectOrigins(host: string): string[] {
  if (host.includes('://')) return [host.replace(/\/+$/, '')];
  // on one machine a project may be a port instead of a name
  return host === 'localhost' ? ['http://localhost:*', 'https://*.localhost'] : [`https://*.${host}`];
}
