import { z } from 'zod';
import { type LiveSpec, liveSpec } from '../../../schema/stack-spec.ts';

/** What of a JSON schema says which values a field can have. */
const jsonSchema = z.object({
  type: z.string().optional(),
  get properties() {
    return z.record(z.string(), jsonSchema).optional();
  },
  get items() {
    return jsonSchema.optional();
  },
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
});
type JsonSchema = z.infer<typeof jsonSchema>;

export type Leaf = { path: string; schema: JsonSchema };

/** Every field of a live spec that can have more than one value, as its schema has it; array members are named `[]`. */
export function specLeaves(): Leaf[] {
  return leavesOf('', jsonSchema.parse(z.toJSONSchema(liveSpec))).filter((leaf) => leaf.schema.const === undefined);
}

/** The spec with another value in one field. `values` overrules what is made up from the schema. */
export function withAnother(spec: LiveSpec, leaf: Leaf, values: Record<string, unknown>): LiveSpec {
  const copy: unknown = structuredClone(spec);
  change(copy, leaf.path.split('.'), (old) => (leaf.path in values ? values[leaf.path] : another(leaf.schema, old)));
  return liveSpec.parse(copy);
}

function leavesOf(path: string, schema: JsonSchema): Leaf[] {
  if (schema.properties !== undefined) {
    const inner = Object.entries(schema.properties);
    return inner.flatMap(([name, member]) => leavesOf(path === '' ? name : `${path}.${name}`, member));
  }
  if (schema.items !== undefined) return leavesOf(`${path}.[]`, schema.items);
  return [{ path, schema }];
}

function change(holder: unknown, [name = '', ...rest]: string[], to: (old: unknown) => unknown): void {
  if (Array.isArray(holder)) {
    if (rest.length === 0) holder[0] = to(holder[0]);
    else change(holder[0], rest, to);
    return;
  }
  if (typeof holder !== 'object' || holder === null) throw new Error(`the fixture has nothing at ${name}`);
  const old: unknown = Reflect.get(holder, name);
  if (rest.length === 0) Reflect.set(holder, name, to(old));
  else change(old, rest, to);
}

function another(schema: JsonSchema, old: unknown): unknown {
  if (schema.enum !== undefined) return schema.enum.find((choice) => choice !== old);
  if (schema.type === 'integer' && typeof old === 'number') return old + 10;
  const length = schema.maxLength ?? schema.minLength ?? 0;
  return 'sentinel'.padEnd(length, '-').slice(0, Math.max(length, 8));
}
