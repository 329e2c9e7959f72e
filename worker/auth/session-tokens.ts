import { exportJWK, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { signingKey } from '../../schema/stack-spec.ts';
import type { SessionTokens } from '../deps.ts';

const audience = 'authenticated';
const lifetimeSeconds = 3600;
const algorithm = 'ES256';
const claims = z.object({ sub: z.uuid(), session_id: z.uuid(), exp: z.int() });

/**
 * Access tokens of the control plane's accounts, in GoTrue's shape. The first key signs, all of them verify.
 * `keys`: private ES256 JWKs with `kid`.
 */
export async function createSessionTokens(keys: readonly unknown[], issuer: string): Promise<SessionTokens> {
  const parsed = z.array(signingKey).min(1).parse(keys);
  const [first] = parsed;
  if (first === undefined) throw new Error('at least one signing key is needed');
  const privateKey = await importJWK(first, algorithm);
  const publicJwks = parsed.map(({ d: _, ...jwk }) => ({ ...jwk, use: 'sig', key_ops: ['verify'] }));
  const publicKeys = new Map(
    await Promise.all(publicJwks.map(async (jwk) => [jwk.kid, await importPublic(jwk)] as const)),
  );

  return {
    async sign({ sessionId, accountId, email, userMetadata, aal, amr, issuedAt }) {
      const expiresAt = issuedAt + lifetimeSeconds;
      const token = await new SignJWT({
        aal,
        amr,
        app_metadata: { provider: 'email', providers: ['email'] },
        email,
        is_anonymous: false,
        phone: '',
        role: 'authenticated',
        session_id: sessionId,
        user_metadata: userMetadata,
      })
        .setProtectedHeader({ alg: algorithm, kid: first.kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(accountId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(privateKey);
      return { token, expiresAt, expiresInSeconds: lifetimeSeconds };
    },

    async verify(token, nowMs) {
      try {
        const { payload } = await jwtVerify(
          token,
          (header) => {
            const key = publicKeys.get(header.kid ?? '');
            if (key === undefined) throw new Error('unknown key id');
            return key;
          },
          {
            algorithms: [algorithm],
            issuer,
            audience,
            typ: 'JWT',
            currentDate: new Date(nowMs),
            requiredClaims: ['exp', 'iat', 'sub', 'session_id'],
          },
        );
        const parsedClaims = claims.safeParse(payload);
        if (!parsedClaims.success) return null;
        const { sub, session_id, exp } = parsedClaims.data;
        return { sessionId: session_id, accountId: sub, expiresAt: exp };
      } catch {
        // every way a token can be wrong is the same answer
        return null;
      }
    },

    jwks: () => ({ keys: publicJwks }),
  };
}

/** A new signing key with the given id, for `JWT_KEYS`. */
export async function generateSigningKey(kid: string): Promise<JWK> {
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  return { ...(await exportJWK(privateKey)), kid, alg: algorithm };
}

function importPublic(jwk: JWK): Promise<CryptoKey | Uint8Array> {
  return importJWK(jwk, algorithm);
}
