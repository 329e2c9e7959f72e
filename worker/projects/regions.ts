/** Region codes Studio has a name and a picture for, with that name. */
export const regionNames = {
  'us-east-1': 'East US (North Virginia)',
  'us-east-2': 'East US (Ohio)',
  'us-west-1': 'West US (North California)',
  'us-west-2': 'West US (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'sa-east-1': 'South America (São Paulo)',
  'eu-west-1': 'West EU (Ireland)',
  'eu-west-2': 'West Europe (London)',
  'eu-west-3': 'West EU (Paris)',
  'eu-central-1': 'Central EU (Frankfurt)',
  'eu-central-2': 'Central Europe (Zurich)',
  'eu-north-1': 'North EU (Stockholm)',
  'ap-south-1': 'South Asia (Mumbai)',
  'ap-southeast-1': 'Southeast Asia (Singapore)',
  'ap-southeast-2': 'Oceania (Sydney)',
  'ap-northeast-1': 'Northeast Asia (Tokyo)',
  'ap-northeast-2': 'Northeast Asia (Seoul)',
  'ap-east-1': 'East Asia (Hong Kong)',
} as const;
export type RegionCode = keyof typeof regionNames;
export const regionCodes = Object.keys(regionNames).filter(isRegionCode);

export const smartGroups = {
  americas: { name: 'Americas', prefixes: ['us-', 'ca-', 'sa-'] },
  emea: { name: 'Europe', prefixes: ['eu-'] },
  apac: { name: 'APAC', prefixes: ['ap-'] },
} as const;
export type SmartGroup = keyof typeof smartGroups;

/** What a project carries when neither its request nor its host names a region Studio knows. */
export const defaultRegion: RegionCode = 'us-east-1';

/**
 * Where a project should go: the regions that would do, as codes or as hosts' own names. `isKnown` is false for a word
 * that only means something when a host says to be there.
 */
export type RegionWish = { asked: string; regions: readonly string[]; isKnown: boolean };

/** A code, a display name, the name of a smart group or of a host's region, as clients send them. */
export function regionWish(asked: string): RegionWish {
  if (isRegionCode(asked)) return { asked, regions: [asked], isKnown: true };
  const named = regionCodes.find((code) => regionNames[code] === asked);
  if (named !== undefined) return { asked, regions: [named], isKnown: true };
  const group = Object.values(smartGroups).find(({ name }) => name === asked);
  if (group !== undefined) return { asked, regions: codesOf(group.prefixes), isKnown: true };
  return { asked, regions: [asked], isKnown: false };
}

/** Any region of a part of the world. */
export function smartGroupWish(group: SmartGroup): RegionWish {
  return { asked: smartGroups[group].name, regions: codesOf(smartGroups[group].prefixes), isKnown: true };
}

/** Whether Studio knows a region by this code. */
export function isRegionCode(text: string): text is RegionCode {
  return Object.hasOwn(regionNames, text);
}

function codesOf(prefixes: readonly string[]): RegionCode[] {
  return regionCodes.filter((code) => prefixes.some((prefix) => code.startsWith(prefix)));
}

/** The part of the world in which a region is. */
export function smartGroupOf(code: RegionCode): SmartGroup {
  if (smartGroups.americas.prefixes.some((prefix) => code.startsWith(prefix))) return 'americas';
  return smartGroups.emea.prefixes.some((prefix) => code.startsWith(prefix)) ? 'emea' : 'apac';
}
