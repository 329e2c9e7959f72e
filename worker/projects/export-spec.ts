import type { StackSpec } from '../../schema/stack-spec.ts';
import { requireOperator } from '../accounts/require-operator.ts';
import type { Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { knownRef } from './find.ts';
import { withPlaceholders } from './placeholder-secrets.ts';
import { specOf } from './spec-of.ts';

/**
 * What a project's agent gets, of whichever organization, for operators only and never without an audit row. Without
 * `showSecrets` each secret is a placeholder of the same shape. Errors: `forbidden`, `not_found`, `wrong_state` for a
 * project that its agent is told nothing of.
 */
export async function exportSpec(ctx: Ctx, input: { ref: string; showSecrets: boolean }): Promise<StackSpec> {
  const { clock, store, vault } = ctx.deps;
  const { showSecrets: withSecrets } = input;
  const at = clock.now();
  const { actor, project, keys } = await store.specs.projectForSpec(ctx.credential, knownRef(input.ref), at);
  requireOperator(actor);
  if (project === null) throw notFound('Project');
  const { spec } = await specOf(vault, project, keys);
  if (spec === null) throw new AppError('wrong_state', 'The project has no ports, so its host is told nothing of it');
  const { ref, organizationId } = project;
  const exported = { ref, organizationId, withSecrets, at };
  if (!(await store.specs.recordExport(exported, { actor, request: ctx.request }))) throw notFound('Project');
  return withSecrets ? spec : withPlaceholders(spec);
}
