/** What `cursor` takes is the `nextCursor` of the page before; null: that was the last. */
export type PageInput = { limit?: number | undefined; cursor?: string | undefined };

export type Page<Item> = { items: Item[]; nextCursor: string | null };
