import { z } from 'zod';
import { ask } from '../ask.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { probedTable } from './probed-table.ts';

const timeoutMs = 5_000;

/**
 * Asks the data API behind a project's gateway, with a secret key, for a table that no one has. PostgREST passes that on
 * to Postgres as it is, so an answer with one of Postgres's own error codes proves the whole way, costs the same on a
 * database of any size, and waits for no lock. `gateway` is a URL without a path; rejects with a RuntimeFailure.
 */
export async function probeRequest(gateway: string, secretKey: string, signal: AbortSignal): Promise<void> {
  const response = await request(`${gateway}/rest/v1/${probedTable}?limit=1`, secretKey, signal);
  if (response.status === 200 || isAnswerOfPostgres(response.text)) return;
  throw new RuntimeFailure(`The data API answered ${response.status} instead of reaching the database`);
}

async function request(url: string, key: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  const late = AbortSignal.timeout(timeoutMs);
  const limit = AbortSignal.any([signal, late]);
  try {
    return await ask(new URL(url), { headers: { apikey: key }, alone: true, signal: limit });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = late.aborted ? `did not answer within ${timeoutMs / 1000} s` : 'cannot be reached';
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
