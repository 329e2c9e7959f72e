import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { errorTable } from '../http/error-table.ts';
import { logRefusal } from '../http/log-refusal.ts';
import { behindAnswer, recordRefusal } from '../http/record-refusal.ts';
import { createRouter } from '../http/router.ts';
import { adminRouter } from './router.ts';
import { asAppError } from './trpc.ts';

const maximumBatchSize = 20;

/** tRPC at `/trpc/*`, for the typed client. */
export const adminRoute = createRouter();

adminRoute.all('/*', async (c) => {
  const ctx = { deps: c.get('deps'), request: c.get('request'), credential: c.get('credential') };
  const recorded: Promise<void>[] = [];
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    req: c.req.raw,
    router: adminRouter,
    maxBatchSize: maximumBatchSize,
    createContext: () => ctx,
    onError: ({ error, path = '' }) => {
      const known = asAppError(error);
      if (known.refusal !== undefined) recorded.push(recordRefusal(known.refusal, ctx));
      logRefusal(known, { id: ctx.request.id, method: c.req.method, path: `/trpc/${path}` }, ctx.deps.log);
    },
    // one refusal has one status, the same as through the other doors; several together have tRPC's 207
    responseMeta: ({ errors }) => {
      const statuses = new Set(errors.map((error) => errorTable[asAppError(error).code].status));
      const [status] = statuses;
      return errors.length > 0 && statuses.size === 1 && status !== undefined ? { status } : {};
    },
  });
  if (recorded.length > 0) await behindAnswer(c, Promise.all(recorded));
  return response;
});
