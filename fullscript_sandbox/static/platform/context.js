import { createContext, useContext } from "../vendor/htm/preact/standalone.module.js"

/** What every screen may need: { api, desk, announce }. */
export const Surroundings = createContext(null)

export function useSurroundings() {
  return useContext(Surroundings)
}
