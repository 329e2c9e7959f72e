import { Hono } from 'hono';

const app = new Hono();
app.get('/bare', (c) => c.json({ ok: true }));

/** What Hono on workerd costs with nothing else: the yardstick of `bench/cpu.ts`. */
export default app;
