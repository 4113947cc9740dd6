import type { Profile } from './profile.js';

/**
 * The profile of a regional site: the same API at another address, with accounts of its own. ccxt gives each site an id and
 * knows the address. `changes` are what the site does differently.
 */
export function withId(profile: Profile, id: string, changes: Partial<Profile> = {}): Profile {
  return { ...profile, ...changes, id };
}
