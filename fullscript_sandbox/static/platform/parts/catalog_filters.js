import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { Icon } from "./feedback.js"

const KINDS = [
  ["category_id", "categories", "Category"],
  ["brand_id", "brands", "Brand"],
  ["supplement_type_id", "supplement_types", "Type"],
  ["free_of", "allergens", "Free of"],
]

function Filter({ name, label, rows, value, onValue }) {
  const id = `filter-${name}`
  return html`<div>
    <label class="visually-hidden" for=${id}>${label}</label>
    <select
      id=${id}
      class=${`form-select form-select-sm ${value ? "is-set" : ""}`}
      value=${value}
      onChange=${({ currentTarget }) => onValue(currentTarget.value)}
    >
      <option value="">${label}</option>
      ${rows.map((row) => html`<option key=${row.id} value=${row.id}>${row.name}</option>`)}
    </select>
  </div>`
}

/** Narrows the catalog down. On narrow frames it is folded behind a button that tells how many are set. */
export function CatalogFilters({ filters, chosen, onChoose, none }) {
  const [open, setOpen] = useState(false)
  const count = Object.values(chosen).filter(Boolean).length
  return html`<button
      type="button"
      class="btn btn-sm btn-outline-secondary filters-button"
      aria-expanded=${open ? "true" : "false"}
      aria-controls="filters"
      onClick=${() => setOpen(!open)}
    >
      <${Icon} name="sliders" /> Filters${count > 0 && ` (${count})`}
    </button>
    <div id="filters" class=${`filters ${open ? "is-open" : ""}`}>
      ${KINDS.map(
        ([name, key, label]) =>
          html`<${Filter}
            key=${name}
            name=${name}
            label=${label}
            rows=${filters?.[key] ?? []}
            value=${chosen[name]}
            onValue=${(value) => onChoose({ ...chosen, [name]: value })}
          />`,
      )}
      ${count > 0 &&
      html`<button type="button" class="btn btn-sm btn-quiet" onClick=${() => onChoose(none)}>
        <${Icon} name="x-lg" /> Clear
      </button>`}
    </div>`
}
