import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { ErrorData } from '../../client/app-router.ts';
import type { ErrorCode } from '../../schema/error-codes.ts';
import type { Ctx } from '../deps.ts';
import { AppError, unauthenticated } from '../errors.ts';
import { errorTable } from '../http/error-table.ts';
import { invalidInput, requireWellFormed } from '../http/router.ts';
import type { Variables } from '../http/variables.ts';

const t = initTRPC.context<Variables>().create({
  isDev: false,
  errorFormatter: ({ shape, error, path, ctx }) => {
    const known = asAppError(error);
    const { status, trpc } = errorTable[known.code];
    const data: ErrorData = {
      code: trpc,
      httpStatus: status,
      ...(path !== undefined && { path }),
      error: known.code,
      requestId: ctx?.request.id ?? '',
    };
    return { code: shape.code, message: known.message, data };
  },
});

export const router = t.router;

/** Puts what a use case threw under the tRPC code of the one error table. */
const mapErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const cause = asAppError(result.error);
  throw new TRPCError({ code: errorTable[cause.code].trpc, message: cause.message, cause });
});

const wellFormedInput = t.middleware(async ({ getRawInput, next }) => {
  requireWellFormed(await getRawInput());
  return next();
});

/** A procedure of an authenticated request: `ctx` is what use cases take. */
export const procedure = t.procedure
  .use(mapErrors)
  .use(({ ctx, next }) => {
    const { credential, deps, request } = ctx;
    if (credential === null) throw unauthenticated('Missing or invalid Authorization header: send a bearer token');
    const useCaseCtx: Ctx = { deps, credential, request };
    return next({ ctx: useCaseCtx });
  })
  .use(wellFormedInput);

/** The refusal behind whatever tRPC threw. What is none of ours or of tRPC's own is `internal` and says nothing. */
export function asAppError(error: TRPCError): AppError {
  if (error.cause instanceof AppError) return error.cause;
  if (error.cause instanceof z.ZodError) return invalidInput(error.cause.issues);
  const code = ownRefusals[error.code];
  if (code !== undefined) return new AppError(code, error.message);
  return new AppError('internal', 'Internal error; the request id is in the response', { cause: error.cause ?? error });
}

/** How tRPC itself refuses a request: a path without a procedure, a body that is no JSON, a wrong method. */
const ownRefusals: Partial<Record<TRPCError['code'], ErrorCode>> = {
  BAD_REQUEST: 'invalid_input',
  PARSE_ERROR: 'invalid_input',
  UNSUPPORTED_MEDIA_TYPE: 'invalid_input',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
};
