import type { TRPCBuiltRouter, TRPCDefaultErrorData, TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import type { TRPCErrorShape } from '@trpc/server/rpc';
import type { ErrorCode } from '../schema/error-codes.ts';
import type { Api, Mutation, Query } from './contract.ts';

/** What comes with every refusal, beside its message. */
export type ErrorData = TRPCDefaultErrorData & { error: ErrorCode; requestId: string };
export type ErrorShape = TRPCErrorShape<ErrorData>;

/** An input that may be undefined may be left out. */
// biome-ignore lint/suspicious/noConfusingVoidType: this is how TypeScript writes a parameter that may be left out
type Omittable<Input> = undefined extends Input ? Input | void : Input;

type Procedure<Endpoint> =
  Endpoint extends Query<infer Input, infer Output>
    ? TRPCQueryProcedure<{ meta: object; input: Omittable<Input>; output: Output; errorShape: ErrorShape }>
    : Endpoint extends Mutation<infer Input, infer Output>
      ? TRPCMutationProcedure<{ meta: object; input: Omittable<Input>; output: Output; errorShape: ErrorShape }>
      : never;

/** The control plane's tRPC router as clients see it: nothing of the worker's own types is in it. */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  { [Router in keyof Api]: { [Name in keyof Api[Router]]: Procedure<Api[Router][Name]> } }
>;
