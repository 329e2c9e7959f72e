import { type LiveSpec, portOffsets } from '../../../../schema/stack-spec.ts';

/** SQL through the project's gateway and postgres-meta, as Studio runs it. */
export async function runSql(spec: LiveSpec, query: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${gatewayOf(spec)}/pg/query`, {
    method: 'POST',
    headers: { apikey: keyOf(spec, 'secret'), 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.json() };
}

/** Rows of a table through the data API. */
export async function readRows(
  spec: LiveSpec,
  path: string,
  apikey: string,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${gatewayOf(spec)}/rest/v1/${path}`, { headers: { apikey } });
  return { status: response.status, body: await response.json() };
}

export function gatewayOf(spec: LiveSpec): string {
  return `http://127.0.0.1:${spec.firstPort + portOffsets.gateway}`;
}

export function keyOf(spec: LiveSpec, type: 'publishable' | 'secret'): string {
  const found = spec.secrets.apiKeys.find((key) => key.type === type);
  if (found === undefined) throw new Error(`the spec has no ${type} key`);
  return found.key;
}
