import { html } from "../../vendor/htm/preact/standalone.module.js"

/**
 * A button that keeps the focus when there is nothing more for it to do: `inactive` says so to screen
 * readers, where `disabled` would throw keyboard users back to the start of the page.
 */
export function KeepingButton({ inactive, onClick, children, class: look, ...rest }) {
  return html`<button
    type="button"
    class=${look}
    aria-disabled=${inactive ? "true" : null}
    onClick=${inactive ? null : onClick}
    ...${rest}
  >
    ${children}
  </button>`
}
