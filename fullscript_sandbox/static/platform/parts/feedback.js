import { html } from "../../vendor/htm/preact/standalone.module.js"

export function Icon({ name, ...rest }) {
  return html`<i class=${`bi bi-${name}`} aria-hidden="true" ...${rest}></i>`
}

export function Loading({ label }) {
  return html`<div class="loading" role="status">
    <div class="spinner-border text-primary" aria-hidden="true"></div>
    <span>${label}</span>
  </div>`
}

export function Empty({ icon, title, children }) {
  return html`<div class="empty">
    <${Icon} name=${icon} />
    <p class="empty-title">${title}</p>
    ${children}
  </div>`
}

/** A failure in words, each broken rule, and a way to try again where there is one. */
export function Failure({ failure, retry }) {
  return html`<div class="alert alert-danger d-flex gap-3 align-items-start" role="alert">
    <${Icon} name="exclamation-triangle-fill" />
    <div class="flex-grow-1">
      <p class="mb-0">${failure.message}</p>
      ${failure.messages?.length > 0 &&
      html`<ul class="mb-0 ps-3">
        ${failure.messages.map((message) => html`<li key=${message}>${message}</li>`)}
      </ul>`}
    </div>
    ${retry && html`<button type="button" class="btn btn-sm btn-outline-danger" onClick=${retry}>Try again</button>`}
  </div>`
}

export function Busy({ label }) {
  return html`<span class="spinner-border spinner-border-sm me-2" aria-hidden="true"></span>${label}`
}
