/** Where postgres-meta finds a project's database, and how long a statement may run there. */
type MetaConnection = { dbPassword: string; port: number; queryTimeoutMs: number };

/** The connection string that a project's gateway sends along: as `postgres`, which is no superuser. */
export function metaConnectionString({ dbPassword, port, queryTimeoutMs }: MetaConnection): string {
  const password = encodeURIComponent(dbPassword);
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable&statement_timeout=${queryTimeoutMs}`;
}

/**
 * Whether a connection string has the form the gateways send: `postgres` with a password, over loopback TCP. Every other
 * one is to be refused, above all one that names a socket or a role by a parameter: over a socket the system itself
 * would vouch for whoever asks.
 */
export function isProjectConnection(text: string): boolean {
  return form.test(text);
}

// Taken literally, since programs differ in how they read odd URLs. A password is percent-encoded, so it ends at the `@`.
const form =
  /^postgresql:\/\/postgres:[A-Za-z0-9\-_.!~*'()%]+@127\.0\.0\.1:\d{1,5}\/postgres\?sslmode=disable&statement_timeout=\d{1,9}$/;
