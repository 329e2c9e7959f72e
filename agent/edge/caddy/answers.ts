import { type CaddyHandler, literal } from './caddy-config.ts';

export type AnswerBody = { message: string; hint?: string };

/**
 * A JSON answer that the edge gives by itself. Placeholders in a message are not filled in: pass those that should be
 * as `values`, by the word that stands for them.
 */
export function jsonAnswer(
  status: number | string,
  body: AnswerBody,
  values: Record<string, string> = {},
): CaddyHandler {
  const text = literal(JSON.stringify(body)).replace(/<(\w+)>/g, (word, name: string) => values[name] ?? word);
  return {
    handler: 'static_response',
    status_code: status,
    headers: { 'Content-Type': ['application/json; charset=utf-8'] },
    body: text,
  };
}

/** Headers that let a browser read an answer. */
export const corsHeaders = { 'Access-Control-Allow-Origin': ['*'], 'Access-Control-Expose-Headers': ['*'] };

/** Sets headers on whatever answer comes after it. */
export function answerWith(headers: Record<string, string[]>): CaddyHandler {
  return { handler: 'headers', response: { set: headers } };
}
