import { type CaddyHandler, type CaddyMatcher, type CaddyRoute, valueFits } from './caddy-config.ts';

/**
 * Values that the key check works with, as placeholders. Those of `http.vars` are settled once for a request, before
 * anything of it is changed.
 */
export const keyValues = {
  /** the key as presented, empty when there is none */
  presented: '{http.vars.presented}',
  /** `anon`, `service_role`, or empty when the project has no such key */
  role: '{http.vars.role}',
  /** the JWT of a known key, else whatever was presented */
  token: '{http.vars.token}',
  /** the JWT when it differs from the known key that was presented, else empty */
  swapped: '{http.vars.swapped}',
  /** Authorization with the token, unless the caller has a session */
  authorization: '{edge.authorization}',
  /** the same, but a signed request keeps its signature */
  authorizationOrSignature: '{edge.authorization_or_signature}',
} as const;

const query = '{http.request.uri.query}';
const authorization = '{http.request.header.authorization}';

/** Any bearer token that is not itself an opaque key, as in `decideKey`. */
const session = '(?is)^Bearer +(?:[^s\\s]|s$|s[^b]|sb$|sb[^_]).*$';
const signature = '(?is)^AWS4-HMAC-SHA256 .*$';

/** Finds the key of a request: the `apikey` header counts first, then the first `?apikey=` that is not empty. */
export function findKey(): CaddyHandler[] {
  return [
    map(query, '{edge.query_key}', [['(?:^|&)apikey=([^&%+]+)(?:&|$)', '$1']], '{http.request.uri.query.apikey}'),
    map('{http.request.header.apikey}', '{edge.presented}', [['(?s)^.+$', '$0']], '{edge.query_key}'),
    { handler: 'vars', presented: '{edge.presented}' },
  ];
}

/** What becomes of Authorization; asked for only where a route swaps it. */
export function authorizationMaps(): CaddyHandler[] {
  return [
    map(keyValues.token, '{edge.token_authorization}', [['(?s)^.+$', 'Bearer $0']], authorization),
    map(authorization, '{edge.authorization}', [[session, '$0']], '{edge.token_authorization}'),
    map(
      authorization,
      '{edge.authorization_or_signature}',
      [
        [session, '$0'],
        [signature, '$0'],
      ],
      '{edge.token_authorization}',
    ),
  ];
}

const apikeyParameter = '(?:a|%61)(?:p|%70)(?:i|%69)(?:k|%6[Bb])(?:e|%65)(?:y|%79)=[^&]*';

/** How many `apikey` members are taken out of one query. */
const strippedAtMost = 3;

/** Takes every `apikey` out of the query; the rest stays byte for byte. */
export function stripQueryKey(): CaddyRoute[] {
  const strip: CaddyRoute = {
    match: [valueFits(query, `(?:^|&)${apikeyParameter}`)],
    handle: [
      map(
        query,
        '{edge.query_rest}',
        [
          [`(?s)^${apikeyParameter}(?:&(.*))?$`, '$1'],
          [`(?s)^(.*?)&${apikeyParameter}((?:&.*)?)$`, '$1$2'],
        ],
        query,
      ),
      { handler: 'rewrite', uri_substring: [{ find: query, replace: '{edge.query_rest}' }] },
    ],
  };
  return Array.from({ length: strippedAtMost }, () => strip);
}

/** Matches what `stripQueryKey` cannot do: too many keys, or a path that looks like a query and would change with it. */
export const unstrippable: readonly CaddyMatcher[] = [
  valueFits(query, `(?:(?:^|&)${apikeyParameter}.*){${strippedAtMost + 1}}`),
  { ...valueFits(query, `(?:^|&)${apikeyParameter}`), path_regexp: { pattern: 'apikey=' } },
];

/** A placeholder made from another one by the first pattern that fits, else by the text given. */
function map(source: string, destination: string, patterns: [pattern: string, output: string][], otherwise: string) {
  const mappings = patterns.map(([input_regexp, output]) => ({ input_regexp, outputs: [output] }));
  return { handler: 'map', source, destinations: [destination], mappings, defaults: [otherwise] };
}
