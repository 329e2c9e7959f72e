import { z } from 'zod';
import { portOffsets } from '../../../schema/stack-spec.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { Host } from './host.ts';
import { probedTable } from './probed-table.ts';

const timeoutMs = 5_000;

/**
 * Asks the data API, through the gateway and with the secret key, for a table that no one has. PostgREST passes that on to
 * Postgres as it is, so an answer with one of Postgres's own error codes proves the whole way, costs the same on a
 * database of any size, and waits for no lock.
 */
export async function probe(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  const stack = host.stacks.get(ref);
  if (stack === undefined || stack.gateway === null) throw new RuntimeFailure('The project does not run on this host');
  const port = stack.spec.firstPort + portOffsets.gateway;
  const key =
    stack.spec.secrets.apiKeys.find(({ type }) => type === 'secret')?.key ?? stack.spec.secrets.serviceRoleKey;
  try {
    const response = await request(`http://127.0.0.1:${port}/rest/v1/${probedTable}?limit=1`, key, signal);
    if (response.status === 200 || isAnswerOfPostgres(response.text)) return;
    throw new RuntimeFailure(`The data API answered ${response.status} instead of reaching the database`);
  } catch (error) {
    host.restReadiness.doubt(stack);
    throw error;
  }
}

async function request(url: string, key: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(url, {
      headers: { apikey: key, connection: 'close' },
      signal: limit,
      redirect: 'error',
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    signal.throwIfAborted();
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    const reason = late ? `did not answer within ${timeoutMs / 1000} s` : 'cannot be reached';
    throw new RuntimeFailure(`The project's gateway ${reason}`, { cause });
  }
}

const answerOfPostgres = z.object({ code: z.literal('42P01') });

function isAnswerOfPostgres(text: string): boolean {
  try {
    return answerOfPostgres.safeParse(JSON.parse(text)).success;
  } catch {
    return false; // not JSON: some other program's answer
  }
}
