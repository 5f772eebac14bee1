import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useAction } from "../hooks.js"
import { Icon } from "./feedback.js"
import { KeepingButton } from "./keeping_button.js"

/** A product on the shelf: its name leads to its page, Add puts its usual size in the plan. */
export function ProductCard({ product, plan, practitioner, onAdd, onOpen }) {
  const { api } = useSurroundings()
  const { variant } = product
  const held = plan.holdsProduct(product.id)
  const [add, { busy, failure }] = useAction(async () => {
    const query = { "practitioner_id": practitioner.id }
    const { product: whole } = await api.get(`products/${product.id}`, query)
    onAdd(whole.name, (current) => current.withProduct(whole, variant.id))
  })
  return html`<li class=${`product ${held ? "is-held" : ""}`}>
    <img src=${variant.image} alt="" loading="lazy" width="120" height="120" />
    <div class="product-words">
      <p class="product-brand">${product.brand}</p>
      <button type="button" class="product-name" onClick=${() => onOpen(product.id)}>${product.name}</button>
      <p class="product-size">
        ${variant.size}${product.sizes > 1 && html` <span class="more-sizes">+${product.sizes - 1} more</span>`}
      </p>
    </div>
    <div class="product-foot">
      <span class="price">$${variant.price}</span>
      ${variant.available
        ? html`<${KeepingButton} class=${`btn btn-sm ${held ? "btn-soft" : "btn-outline-primary"}`} onClick=${add} inactive=${held || busy}>
            <${Icon} name=${held ? "check2" : "plus-lg"} /> ${held ? "In plan" : "Add"}
            <span class="visually-hidden"> ${product.name}</span>
          <//>`
        : html`<span class="stock">${variant.availability}</span>`}
    </div>
    ${failure && html`<p class="wrong" role="alert">${failure.message}</p>`}
  </li>`
}
