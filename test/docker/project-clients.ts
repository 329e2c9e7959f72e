import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { importJWK, SignJWT } from 'jose';
import { z } from 'zod';
import type { Project } from '../../client/contract/projects.ts';
import type { SigningKey } from '../../schema/stack-spec.ts';
import { signingKey } from '../../schema/stack-spec.ts';
import type { Fleet } from './fleet.ts';

export type Keys = { publishable: string; secret: string; anon: string; serviceRole: string };

/** The keys of a project, as its owner is shown them. */
export async function keysOf({ client }: Fleet, ref: string): Promise<Keys> {
  const keys = await client.projects.apiKeys.query({ ref, reveal: true });
  const find = (type: string, role: string) =>
    z.string().parse(keys.find((key) => key.type === type && key.role === role)?.key);
  return {
    publishable: find('publishable', 'anon'),
    secret: find('secret', 'service_role'),
    anon: find('legacy', 'anon'),
    serviceRole: find('legacy', 'service_role'),
  };
}

/** supabase-js at a project's API; with a user's token, as that user. */
export function supabase({ url }: Pick<Project, 'url'>, key: string, userToken?: string): SupabaseClient {
  const auth = { persistSession: false, autoRefreshToken: false };
  return createClient(url, key, userToken === undefined ? { auth } : { accessToken: async () => userToken });
}

/** The key with which a project's auth service signs, which only an operator gets to see. */
export async function signingKeyOf(fleet: Fleet, ref: string): Promise<SigningKey> {
  const text = await fleet.supafleet(['projects', 'spec', ref, '--show-secrets']);
  return z.object({ secrets: z.object({ signingKey }) }).parse(JSON.parse(text)).secrets.signingKey;
}

/** A token as auth hands it to a user who signs in. */
export async function userToken(key: SigningKey, user: string): Promise<string> {
  return new SignJWT({ role: 'authenticated', aal: 'aal1' })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
    .setSubject(user)
    .setAudience('authenticated')
    .setIssuedAt()
    .setExpirationTime('5 min')
    .sign(await importJWK(key, key.alg));
}
