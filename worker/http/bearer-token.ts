/** The token of an `Authorization` header; null when that is not `Bearer <token>`. */
export function bearerToken(header: string | undefined): string | null {
  return /^bearer (\S+)$/i.exec(header ?? '')?.[1] ?? null;
}
