import { html } from "../../vendor/htm/preact/standalone.module.js"
import { Busy, Failure } from "./feedback.js"

/** Adds the next page to a list, while there is one. */
export function MoreButton({ pages }) {
  if (pages.adding.status === "failed") {
    return html`<${Failure} failure=${pages.adding.failure} retry=${pages.more} />`
  }
  if (!pages.hasMore) {
    return null
  }
  const busy = pages.adding.status === "loading"
  return html`<div class="more">
    <button type="button" class="btn btn-outline-secondary" onClick=${pages.more} disabled=${busy}>
      ${busy ? html`<${Busy} label="Loading…" />` : `Show more (${pages.items.length} of ${pages.total})`}
    </button>
  </div>`
}
