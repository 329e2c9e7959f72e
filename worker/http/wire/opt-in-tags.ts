import { z } from '@hono/zod-openapi';

/** What an organization lets Studio's assistant be told, in Studio's words. */
export const optInTag = z.enum(['AI_SQL_GENERATOR_OPT_IN', 'AI_DATA_GENERATOR_OPT_IN', 'AI_LOG_GENERATOR_OPT_IN']);

const storedTags = z.array(optInTag);

/** Those of an organization from the JSON its row holds. */
export function optInTagsOf({ optInTags }: { optInTags: string }): z.infer<typeof storedTags> {
  return storedTags.parse(JSON.parse(optInTags));
}
