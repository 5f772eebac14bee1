import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useArrival } from "../hooks.js"
import { Icon } from "../parts/feedback.js"
import { LabTraits } from "../parts/lab_traits.js"

function Tests({ tests }) {
  return html`<ul class="tests">
    ${tests.map(
      (test) => html`<li key=${test.id}>
        <strong>${test.name}</strong>${test.description && html`<span>${test.description}</span>`}
      </li>`,
    )}
  </ul>`
}

/** A lab with its tests, what the patient has to do, and its price. */
export function LabPage({ lab, plan, onAdd, onRemove, onBack }) {
  const heading = useArrival()
  const held = plan.holdsLab(lab.id)
  return html`<button type="button" class="btn btn-quiet back" onClick=${onBack}>
      <${Icon} name="arrow-left" /> Back to labs
    </button>
    <article class="lab-page">
      <p class="product-brand">${lab.company}</p>
      <h1 tabindex="-1" ref=${heading}>${lab.name}</h1>
      <${LabTraits} lab=${lab} />
      <p>${lab.description}</p>
      <div class="lab-buy">
        <span class="price">$${lab.price}</span>
        ${held
          ? html`<button type="button" class="btn btn-outline-secondary" onClick=${() => onRemove(lab)}>Remove from plan</button>`
          : html`<button type="button" class="btn btn-primary" onClick=${() => onAdd(lab)}>
              <${Icon} name="plus-lg" /> Add to plan
            </button>`}
      </div>
      <h2>Instructions for the patient</h2>
      <p>${lab.instructions}</p>
      <h2>Tests</h2>
      <${Tests} tests=${lab.tests} />
    </article>`
}
