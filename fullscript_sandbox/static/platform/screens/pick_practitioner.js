import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useArrival } from "../hooks.js"
import { Icon } from "../parts/feedback.js"
import { initials } from "../words.js"

/** Staff and owners choose whose name the plan carries. */
export function PickPractitioner({ onPick, onCancel, current }) {
  const { desk } = useSurroundings()
  const heading = useArrival()
  return html`<main class="narrow">
    <p class="overline">${desk.clinic.name}</p>
    <h1 tabindex="-1" ref=${heading}>Who is this plan from?</h1>
    <p class="text-body-secondary">You are signed in as ${desk.user.name}. Choose the practitioner who recommends.</p>
    <ul class="choices">
      ${desk.practitioners.map(
        (one) => html`<li key=${one.id}>
          <button type="button" class="choice" onClick=${() => onPick(one)} aria-current=${one.id === current?.id ? "true" : null}>
            <span class="avatar" aria-hidden="true">${initials(one.name)}</span>
            <span class="choice-words">
              <span class="choice-name">${one.name}${one.name === desk.user.name && html` <span class="badge text-bg-light">You</span>`}</span>
              <span class="choice-more">${one.email}</span>
            </span>
            <${Icon} name="chevron-right" />
          </button>
        </li>`,
      )}
    </ul>
    ${onCancel && html`<button type="button" class="btn btn-quiet" onClick=${onCancel}>Cancel</button>`}
  </main>`
}
