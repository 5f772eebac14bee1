import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useArrival } from "../hooks.js"
import { Icon } from "../parts/feedback.js"
import { PlanSummary } from "../parts/plan_summary.js"

/** Says that the plan is on its way, and offers the next one. */
export function Sent({ patient, practitioner, draft, onAgain }) {
  const heading = useArrival()
  return html`<main class="page sent">
    <${Icon} name="check-circle-fill" />
    <h1 tabindex="-1" ref=${heading}>Sent to ${patient.name}</h1>
    <p class="text-body-secondary">The plan from ${practitioner.name} is on its way to ${patient.email}.</p>
    <${PlanSummary} plan=${draft.plan} />
    <button type="button" class="btn btn-outline-primary" onClick=${onAgain}>
      <${Icon} name="plus-lg" /> Start another plan
    </button>
  </main>`
}
