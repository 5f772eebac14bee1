import { html } from "../../vendor/htm/preact/standalone.module.js"
import { counted, dosageWords, sizeOf } from "../words.js"

function priceOf(plan) {
  const products = plan.items.map((item) => Number(sizeOf(item).price) * Number(item.units || 0))
  const labs = plan.labs.map((lab) => Number(lab.price))
  return [...products, ...labs].reduce((sum, price) => sum + price, 0).toFixed(2)
}

function Product({ item }) {
  const size = sizeOf(item)
  const more = [size.size, counted(Number(item.units), "unit", "units"), item.refill && "refill reminders"]
  return html`<li class="summary-item">
    <img src=${size.image} alt="" width="56" height="56" />
    <div class="item-words">
      <p class="item-name">${item.product.name}</p>
      <p class="item-more">${item.product.brand} · ${more.filter(Boolean).join(" · ")}</p>
      <p class="item-dosage">${dosageWords(item) || "No dosage given"}</p>
      ${item.note && html`<p class="item-more">“${item.note}”</p>`}
    </div>
    <span class="price">$${(Number(size.price) * Number(item.units || 0)).toFixed(2)}</span>
  </li>`
}

/** What a plan says, as the patient reads it. */
export function PlanSummary({ plan }) {
  return html`<div class="summary">
    <ol class="summary-items">
      ${plan.items.map((item) => html`<${Product} key=${item.key} item=${item} />`)}
      ${plan.labs.map(
        (lab) => html`<li key=${lab.id} class="summary-item">
          <span class="summary-icon" aria-hidden="true"><i class="bi bi-droplet"></i></span>
          <div class="item-words">
            <p class="item-name">${lab.name}</p>
            <p class="item-more">${lab.company} · Lab${lab.requires_fasting && " · fasting"}</p>
          </div>
          <span class="price">$${lab.price}</span>
        </li>`,
      )}
    </ol>
    <p class="summary-total"><span>At list prices</span><span class="price">$${priceOf(plan)}</span></p>
    ${plan.message && html`<blockquote class="summary-message">${plan.message}</blockquote>`}
  </div>`
}
