import type { Handler } from 'hono';
import type { AppEnv } from './http/variables.ts';

/** For people who open the control plane's own address: leads to Studio's page of organizations. */
export function toStudio(studioUrl: string): Handler<AppEnv> {
  return (c) => c.redirect(`${studioUrl}/organizations`, 302);
}
