import type { ServiceName } from './project-status.ts';

/** How much of Supabase a project gets. */
export const stackProfiles = ['minimal', 'standard', 'full'] as const;
export type StackProfile = (typeof stackProfiles)[number];

/** The containers of a project; `imgproxy`, `analytics` and `vector` are parts that Studio does not show. */
export const stackServices = [
  'db',
  'auth',
  'rest',
  'realtime',
  'storage',
  'imgproxy',
  'functions',
  'supavisor',
  'analytics',
  'vector',
] as const;
export type StackService = (typeof stackServices)[number];

const minimal = ['db', 'auth', 'rest'] as const satisfies readonly StackService[];
const standard = [
  ...minimal,
  'realtime',
  'storage',
  'imgproxy',
  'functions',
] as const satisfies readonly StackService[];
const full = [...standard, 'supavisor', 'analytics', 'vector'] as const satisfies readonly StackService[];

/** The containers of each profile, in the order in which they are described. */
export const profileServices: Readonly<Record<StackProfile, readonly StackService[]>> = { minimal, standard, full };

/** The name under which Studio and the CLI know a container; null: they do not. */
export const shownServices: Readonly<Record<StackService, ServiceName | null>> = {
  db: 'db',
  auth: 'auth',
  rest: 'rest',
  realtime: 'realtime',
  storage: 'storage',
  imgproxy: null,
  functions: 'functions',
  supavisor: 'pooler',
  analytics: null,
  vector: null,
};
