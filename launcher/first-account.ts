import { z } from 'zod';
import { call, callOk } from './api.ts';
import { defaultAdminEmail, type LauncherConfig } from './config.ts';
import { StartFailure } from './failure.ts';
import { forgetSecrets, type Secrets } from './secrets.ts';

export type FirstAccount = { email: string; password: string; accessToken: string; organization: string };

const organizations = z.array(z.object({ id: z.number(), slug: z.string() }));

/** Whether the environment names another first account than the one that was made. */
export function isOtherAdmin({ admin }: LauncherConfig, kept: Secrets['admin']): boolean {
  const otherEmail = admin.email !== defaultAdminEmail && admin.email !== kept.email;
  return otherEmail || (admin.password !== undefined && admin.password !== kept.password);
}

/**
 * Makes the first account, its access token and the organization where there is no account yet. The password and the
 * token were chosen and kept before, so a start that was cut off anywhere is resumed by the next one.
 */
export async function prepareFirstAccount(options: {
  url: string;
  config: LauncherConfig;
  secrets: Secrets;
}): Promise<FirstAccount> {
  const { url, config, secrets } = options;
  const { email, password, accessToken } = secrets.admin;
  const made = await call(`${url}/bootstrap`, {
    method: 'POST',
    token: secrets.bootstrapToken,
    body: { email, password, organization_name: config.organizationName, access_token: accessToken },
  });
  if (made.status === 400) {
    await forgetSecrets(config.dataDir);
    throw new StartFailure(
      `The first account was refused: ${JSON.stringify(made.body)}. Change ADMIN_… and start again.`,
    );
  }
  // 409: there are accounts already, so this is not the first start
  if (made.status !== 201 && made.status !== 409) {
    throw new StartFailure(`The first account could not be made (${made.status}): ${JSON.stringify(made.body)}`);
  }
  const list = await callOk(`${url}/platform/organizations`, { token: accessToken });
  // the oldest: others that were added since may sort before it
  const [first] = organizations.parse(list).sort((a, b) => a.id - b.id);
  const organization = first?.slug;
  if (organization === undefined) throw new StartFailure(`${email} is a member of no organization any more`);
  return { email, password, accessToken, organization };
}
