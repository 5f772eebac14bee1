import { html, useCallback, useState } from "../vendor/htm/preact/standalone.module.js"
import { Surroundings } from "./context.js"
import { useLoaded } from "./hooks.js"
import { Failure, Loading } from "./parts/feedback.js"
import { Workbench } from "./workbench.js"

/**
 * The platform. `api` answers for whoever is signed in; `around` is told of events (an Embed frame's
 * parent page; in a tab of its own there is nobody).
 */
export function App({ api, around }) {
  const desk = useLoaded(() => api.get("desk"), [])
  const [news, setNews] = useState("")
  const announce = useCallback((text) => setNews(text), [])
  if (desk.status === "loading") {
    return html`<${Loading} label="Opening Fullscript…" />`
  }
  if (desk.status === "failed") {
    const retry = desk.failure.code === "session_ended" ? null : desk.retry
    return html`<main class="notice"><${Failure} failure=${desk.failure} retry=${retry} /></main>`
  }
  return html`<${Surroundings.Provider} value=${{ api, desk: desk.data, announce }}>
    <${Workbench} around=${around} />
    <p class="visually-hidden" role="status" aria-live="polite">${news}</p>
  <//>`
}
