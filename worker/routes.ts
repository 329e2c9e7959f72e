import type { Mount } from './app.ts';
import { projectPower } from './platform/project-power.ts';

/** Every router and where it is mounted, by door. */
export function routes(): Mount[] {
  return [...platform];
}

const platform: Mount[] = [{ path: '/platform', router: projectPower }];
