import { lookup } from 'node:dns/promises';
import { type Check, ok, warning } from '../check.ts';

/** The projects' names lead somewhere. A name may be made later, so this never stops anything. */
export const namesCheck: Check = {
  name: 'names',
  async run({ subject: { projectHost, settings } }) {
    if (projectHost === 'localhost') return ok('localhost');
    const names = [
      ...(settings.edge.kind === 'names' ? [`name-check.${projectHost}`] : []),
      `db.name-check.${projectHost}`,
    ];
    const addresses = await Promise.all(names.map(firstAddress));
    const missing = names.filter((_, index) => addresses[index] === null);
    if (missing.length === 0) return ok(`*.${projectHost} leads to ${addresses[0]}`);
    return warning(
      `${missing.join(' and ')} cannot be resolved`,
      `Make a wildcard record *.${projectHost} that leads to this host; projects are <ref>.${projectHost}, databases db.<ref>.${projectHost}.`,
    );
  },
};

async function firstAddress(name: string): Promise<string | null> {
  try {
    return (await lookup(name)).address;
  } catch {
    // no such name, or nobody to ask: the same to who would use it
    return null;
  }
}
