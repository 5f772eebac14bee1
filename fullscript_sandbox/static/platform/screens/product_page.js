import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useArrival, useLoaded } from "../hooks.js"
import { Failure, Icon, Loading } from "../parts/feedback.js"
import { dosageWords } from "../words.js"

function Sizes({ product, chosen, onChoose }) {
  return html`<fieldset class="sizes">
    <legend>Size</legend>
    ${product.variants.map(
      (variant) => html`<label key=${variant.id} class=${`size ${variant.id === chosen ? "is-chosen" : ""}`}>
        <input
          type="radio"
          name="size"
          class="form-check-input"
          value=${variant.id}
          checked=${variant.id === chosen}
          disabled=${!variant.available}
          onChange=${() => onChoose(variant.id)}
        />
        <span class="size-words">
          <span>${variant.size}</span>
          <span class=${variant.available ? "in-stock" : "stock"}>${variant.availability}</span>
        </span>
        <span class="price">$${variant.price}</span>
      </label>`,
    )}
  </fieldset>`
}

function Facts({ product }) {
  const facts = [
    ["Ingredients", product.ingredients],
    ["Contains", product.allergens],
    ["Certified", product.certifications],
    ["Type", product.supplement_types],
    ["Category", product.categories],
  ]
  return html`<dl class="facts">
    ${facts
      .filter(([, words]) => words.length > 0)
      .map(
        ([label, words]) =>
          html`<div key=${label}>
            <dt>${label}</dt>
            <dd>${words.join(", ")}</dd>
          </div>`,
      )}
  </dl>`
}

/** The usual dosage in one line, in the words of a plan. */
function usualDosage({ dosage }) {
  const item = { ...dosage, timesOfDay: dosage.time_of_day, duration: dosage.duration ?? "" }
  return dosageWords({ ...item, amount: dosage.amount ?? "", format: dosage.format ?? "" })
}

function Details({ product, plan, onAdd }) {
  const heading = useArrival()
  const [size, setSize] = useState(product.variant.id)
  const usual = usualDosage(product)
  const available = product.variants.some((variant) => variant.id === size && variant.available)
  const chosen = product.variants.find((variant) => variant.id === size)
  return html`<article class="product-page">
    <img src=${chosen.image} alt="" width="240" height="240" />
    <div>
      <p class="product-brand">${product.brand}</p>
      <h1 tabindex="-1" ref=${heading}>${product.name}</h1>
      <${Sizes} product=${product} chosen=${size} onChoose=${setSize} />
      ${usual && html`<p class="usual"><${Icon} name="clock-history" /> Usually: ${usual}</p>`}
      <button
        type="button"
        class="btn btn-primary"
        disabled=${!available}
        onClick=${() => onAdd(product.name, (current) => current.withProduct(product, size))}
      >
        <${Icon} name="plus-lg" /> Add to plan
      </button>
      ${plan.holdsProduct(product.id) && html`<p class="held"><${Icon} name="check2" /> This product is in the plan.</p>`}
    </div>
    <section class="product-about">
      <h2>About</h2>
      <div class="description" dangerouslySetInnerHTML=${{ __html: product.description_html }}></div>
      <${Facts} product=${product} />
    </section>
  </article>`
}

/** A product with its sizes, its usual dosage and what is known about it. */
export function ProductPage({ id, practitioner, onBack, ...rest }) {
  const { api } = useSurroundings()
  const loaded = useLoaded(() => api.get(`products/${id}`, { "practitioner_id": practitioner.id }), [id])
  return html`<button type="button" class="btn btn-quiet back" onClick=${onBack}>
      <${Icon} name="arrow-left" /> Back to the catalog
    </button>
    ${loaded.status === "loading" && html`<${Loading} label="Loading the product…" />`}
    ${loaded.status === "failed" && html`<${Failure} failure=${loaded.failure} retry=${loaded.retry} />`}
    ${loaded.status === "ready" && html`<${Details} ...${rest} product=${loaded.data.product} />`}`
}
