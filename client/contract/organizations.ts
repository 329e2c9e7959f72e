import type { Standing } from '../../schema/roles.ts';

/** `role` is that of the caller. */
export type Organization = { slug: string; name: string; role: Standing };
