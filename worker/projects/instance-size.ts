import { z } from 'zod';
import { instanceSizes } from '../../schema/instance-sizes.ts';

/** What clients may ask for; what it means is up to the host's runtime. */
export const instanceSize = z.enum(instanceSizes);
