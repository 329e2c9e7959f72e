import type { Project } from '../../client/contract/projects.ts';
import type { Fleet } from './fleet.ts';
import { keysOf, supabase } from './project-clients.ts';

/** Writes one row into a project; what is returned reads it again as a client does, through the edge. */
export async function keepRow(fleet: Fleet, project: Project): Promise<() => Promise<unknown>> {
  await fleet.query(
    project.ref,
    "create table kept (id int); insert into kept values (7); notify pgrst, 'reload schema'",
  );
  const { secret } = await keysOf(fleet, project.ref);
  return async () => (await supabase(project, secret).from('kept').select('id').throwOnError()).data;
}
