/** How often a property is tried: as often as is usual for it, or as PROPERTY_RUNS says; ten times that in a full run. */
export function propertyRuns(usual: number): number {
  const runs = Number(process.env.PROPERTY_RUNS ?? usual);
  return process.env.SUPAFLEET_FULL === undefined ? runs : runs * 10;
}
