import { html } from "../../vendor/htm/preact/standalone.module.js"
import { Icon } from "./feedback.js"

/** A label, its control, a hint and what is wrong with it, tied together for screen readers. */
export function Field({ id, label, hint, wrong = [], optional = false, children }) {
  return html`<div class="field">
    <label class="form-label" for=${id}>${label}${optional && html` <span class="optional">optional</span>`}</label>
    ${children}
    ${hint && html`<div class="form-text" id=${`${id}-hint`}>${hint}</div>`}
    ${wrong.length > 0 && html`<div class="wrong" id=${`${id}-wrong`}>${wrong.join(". ")}</div>`}
  </div>`
}

export function TextField({ id, label, value, onValue, hint, wrong = [], optional, ...rest }) {
  const bad = wrong.length > 0
  return html`<${Field} ...${{ id, label, hint, wrong, optional }}>
    <input
      id=${id}
      class=${`form-control ${bad ? "is-invalid" : ""}`}
      value=${value}
      onInput=${({ currentTarget }) => onValue(currentTarget.value)}
      aria-invalid=${bad ? "true" : null}
      aria-describedby=${[bad && `${id}-wrong`, hint && `${id}-hint`].filter(Boolean).join(" ") || null}
      ...${rest}
    />
  <//>`
}

/** A choice among `options`, [value, text] each. */
export function SelectField({ id, label, value, onValue, options, optional, wrong = [], ...rest }) {
  return html`<${Field} ...${{ id, label, optional, wrong }}>
    <select
      id=${id}
      class="form-select"
      value=${value}
      onChange=${({ currentTarget }) => onValue(currentTarget.value)}
      ...${rest}
    >
      ${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select>
  <//>`
}

export function SearchBox({ id, label, placeholder, value, onValue, ...rest }) {
  return html`<div class="search-box" role="search">
    <label class="visually-hidden" for=${id}>${label}</label>
    <${Icon} name="search" />
    <input
      id=${id}
      type="search"
      class="form-control"
      autocomplete="off"
      placeholder=${placeholder}
      value=${value}
      onInput=${({ currentTarget }) => onValue(currentTarget.value)}
      ...${rest}
    />
  </div>`
}
