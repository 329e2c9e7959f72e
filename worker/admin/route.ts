import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { errorTable } from '../http/error-table.ts';
import { createRouter } from '../http/router.ts';
import { adminRouter } from './router.ts';
import { asAppError } from './trpc.ts';

const maximumBatchSize = 20;

/** tRPC at `/trpc/*`, for the typed client. */
export const adminRoute = createRouter();

adminRoute.all('/*', (c) => {
  const ctx = { deps: c.get('deps'), request: c.get('request'), credential: c.get('credential') };
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: c.req.raw,
    router: adminRouter,
    maxBatchSize: maximumBatchSize,
    createContext: () => ctx,
    onError: ({ error, path }) => {
      const { code } = asAppError(error);
      if (code !== 'internal') return;
      const reason = error.cause ?? error;
      const requestId = ctx.request.id;
      ctx.deps.log.error('request failed', { requestId, path, error: reason.stack ?? String(reason) });
    },
    // one refusal has one status, the same as through the other doors; several together have tRPC's 207
    responseMeta: ({ errors }) => {
      const statuses = new Set(errors.map((error) => errorTable[asAppError(error).code].status));
      const [status] = statuses;
      return errors.length > 0 && statuses.size === 1 && status !== undefined ? { status } : {};
    },
  });
});
