import { databaseToken, type Secrets } from './secrets.ts';

/**
 * Fresh secrets as lines for an env file. Quoted once, so that Compose and shells take them as they are.
 * `prefix` stands before each name: in the env file of Compose ours must not be upstream's.
 */
export async function secretLines(secrets: Secrets, prefix: string): Promise<string> {
  const values = {
    JWT_KEYS: JSON.stringify(secrets.jwtKeys),
    KEKS: secrets.keks,
    DATABASE_TOKEN: await databaseToken(secrets),
    DATABASE_PUBLIC_KEY: secrets.database.publicKey,
    ADMIN_PASSWORD: secrets.admin.password,
    ADMIN_ACCESS_TOKEN: secrets.admin.accessToken,
  };
  return Object.entries(values)
    .map(([name, value]) => `${prefix}${name}='${value}'\n`)
    .join('');
}
