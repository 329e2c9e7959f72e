import type { Config } from '../deps.ts';

/** `http://host[:port]`, then nothing, a path, a query or a fragment: no user before the host, no backslash, no blank. */
const absoluteUrl = /^(https?:\/\/[^\s/?#@\\]+)([/?#][^\s\\]*)?$/i;

/**
 * Where a browser is sent after a link of ours. `wanted` comes from whoever made the link: it is followed to a page of
 * Studio's origins or of our own only; everything else leads to Studio, or to ourselves when it is not known. Without
 * the fragment, which is where answers are put.
 */
export function redirectTarget(
  config: Pick<Config, 'corsOrigins' | 'publicUrl' | 'studioUrl'>,
  wanted: string | undefined,
): string {
  const fallback = config.studioUrl ?? config.publicUrl;
  const typedOrigin = absoluteUrl.exec(wanted ?? '')?.[1];
  if (wanted === undefined || typedOrigin === undefined || !URL.canParse(wanted)) return fallback;
  const url = new URL(wanted);
  const known = new Set([...config.corsOrigins, originOf(config.publicUrl), originOf(fallback)]);
  // that the text says what the parser understood leaves no room for tricks between the two
  if (!known.has(url.origin) || originOf(typedOrigin) !== url.origin) return fallback;
  url.hash = '';
  return url.href;
}

function originOf(url: string): string {
  return new URL(url).origin;
}
