/** The part of Caddy's JSON configuration that the edge is made of. Holds keys of projects: never shown, never logged. */
export type CaddyConfig = {
  admin: { listen: string; config: { persist: true } };
  storage: { module: 'file_system'; root: string };
  logging: { logs: Record<string, unknown> };
  apps: {
    http: { http_port?: number; https_port?: number; servers: Record<string, CaddyServer> };
    tls?: Record<string, unknown>;
    pki?: Record<string, unknown>;
  };
};

export type CaddyServer = {
  listen: string[];
  routes: CaddyRoute[];
  errors?: { routes: CaddyRoute[] };
  [setting: string]: unknown;
};

export type CaddyRoute = { match?: CaddyMatcher[]; handle: CaddyHandler[]; terminal?: boolean };

/** Matchers of one set must all hold. */
export type CaddyMatcher = Record<string, unknown>;

export type CaddyHandler = { handler: string; [setting: string]: unknown };

/**
 * Text that Caddy shall take as it is: braces would name placeholders.
 */
export function literal(text: string): string {
  return text.replace(/[{}]/g, (brace) => `\\${brace}`);
}

/** Matches when a placeholder has one of these values. */
export function valueIs(placeholder: string, ...values: string[]): CaddyMatcher {
  return { vars: { [placeholder]: values } };
}

/** Matches when the value of a placeholder fits a regular expression (RE2). */
export function valueFits(placeholder: string, pattern: string): CaddyMatcher {
  return { vars_regexp: { [placeholder]: { pattern } } };
}

/** Text as a regular expression that matches it only. */
export function escapeRegexp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
