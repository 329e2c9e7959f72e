import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../agent/write-whole.ts';

const devFile = z.object({
  url: z.string(),
  auth_url: z.string(),
  email: z.string(),
  password: z.string(),
  access_token: z.string(),
  organization: z.string(),
  project: z.string().nullable(),
  host: z.string(),
});
/** What a client needs to know of this installation: `dev.json`, 0600. */
export type DevFile = z.infer<typeof devFile>;

/** Writes `dev.json` whole or not at all, for its owner only. */
export function writeDevFile(dataDir: string, content: DevFile): Promise<void> {
  return writeWhole(join(dataDir, 'dev.json'), `${JSON.stringify(content, null, 2)}\n`, 0o600);
}
