import type { Deps, RequestInfo } from '../deps.ts';
import type { Refusal } from '../errors.ts';

/** Writes what a refusal says of itself to the audit log. That it cannot changes no answer. */
export async function recordRefusal(
  refusal: Refusal,
  { deps, request }: { deps: Deps; request: RequestInfo },
): Promise<void> {
  const { clock, log, store } = deps;
  try {
    await store.refusals.record(refusal, request, clock.now());
  } catch (error) {
    log.error('a refusal could not be recorded', { requestId: request.id, error: String(error) });
  }
}

/** Behind the answer where the runtime lets work go on there, else before it. */
export async function behindAnswer(
  c: { env?: { background?: (work: Promise<unknown>) => void } },
  work: Promise<unknown>,
): Promise<void> {
  // there are no bindings at all where the app is called without a runtime
  const background = c.env?.background;
  if (background === undefined) await work;
  else background(work);
}
