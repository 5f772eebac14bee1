import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { counted, dosageWords, sizeOf } from "../words.js"
import { DosageForm } from "./dosage_form.js"
import { Icon } from "./feedback.js"
import { KeepingButton } from "./keeping_button.js"

/** After the list was drawn anew, the button that was pressed has the focus still. */
function keepFocus(button) {
  requestAnimationFrame(() => button.focus())
}

function Moves({ item, index, plan, setPlan }) {
  const { announce } = useSurroundings()
  const { name } = item.product
  const last = plan.items.length - 1
  const move =
    (step) =>
    ({ currentTarget }) => {
      setPlan(plan.withItemMoved(item.key, step))
      announce(`${name} is number ${index + step + 1} of ${last + 1} now.`)
      keepFocus(currentTarget)
    }
  const remove = () => {
    setPlan(plan.withoutItem(item.key))
    announce(`${name} was removed from the plan.`)
    keepFocus(document.getElementById("plan-title"))
  }
  return html`<${KeepingButton} class="btn btn-sm btn-quiet" inactive=${index === 0} onClick=${move(-1)}>
      <${Icon} name="arrow-up" /><span class="visually-hidden">Move ${name} up</span>
    <//>
    <${KeepingButton} class="btn btn-sm btn-quiet" inactive=${index === last} onClick=${move(1)}>
      <${Icon} name="arrow-down" /><span class="visually-hidden">Move ${name} down</span>
    <//>
    <button type="button" class="btn btn-sm btn-quiet" onClick=${remove}>
      <${Icon} name="trash" /><span class="visually-hidden">Remove ${name}</span>
    </button>`
}

/** One product in the plan: how it is taken in one line, and behind Edit all of it. */
export function RecommendationItem({ item, index, plan, setPlan, open, onToggle }) {
  const size = sizeOf(item)
  const bought = [size.size, counted(item.units, "unit", "units"), item.refill && "refill reminders"]
  return html`<li class=${`item ${open ? "is-open" : ""}`}>
    <div class="item-head">
      <img src=${size.image} alt="" width="44" height="44" />
      <div class="item-words">
        <p class="item-name">${item.product.name}</p>
        <p class="item-more">${bought.filter(Boolean).join(" · ")}</p>
        <p class="item-dosage">${dosageWords(item) || html`<span class="text-body-secondary">No dosage yet</span>`}</p>
        ${item.note && html`<p class="item-more">“${item.note}”</p>`}
      </div>
    </div>
    <div class="item-actions">
      <button type="button" class="btn btn-sm btn-quiet item-edit" aria-expanded=${open ? "true" : "false"} onClick=${onToggle}>
        <${Icon} name=${open ? "chevron-up" : "pencil"} /> ${open ? "Close" : "Edit"}
        <span class="visually-hidden"> ${item.product.name}</span>
      </button>
      <${Moves} ...${{ item, index, plan, setPlan }} />
    </div>
    ${open && html`<${DosageForm} item=${item} onChange=${(changes) => setPlan(plan.withItem(item.key, changes))} />`}
  </li>`
}
