import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useArrival } from "../hooks.js"
import { Icon } from "../parts/feedback.js"
import { PlanSummary } from "../parts/plan_summary.js"

function Headline({ patient, practitioner, draft }) {
  const heading = useArrival()
  if (draft.isActive) {
    return html`<h1 tabindex="-1" ref=${heading}>The changes are saved</h1>
      <p class="text-body-secondary">${patient.name} sees the plan from ${practitioner.name} as it is now.</p>`
  }
  return html`<h1 tabindex="-1" ref=${heading}>Sent to ${patient.name}</h1>
    <p class="text-body-secondary">The plan from ${practitioner.name} is on its way to ${patient.email}.</p>`
}

/** Says that the plan is on its way, and offers the next one; in a tab, that the tab has done its work. */
export function Sent({ patient, practitioner, draft, onAgain }) {
  const { desk } = useSurroundings()
  return html`<main class="page sent">
    <${Icon} name="check-circle-fill" />
    <${Headline} ...${{ patient, practitioner, draft }} />
    ${desk.in_tab && html`<p>You can close this tab and go back to ${desk.app.name}.</p>`}
    <${PlanSummary} plan=${draft.plan} />
    <button type="button" class="btn btn-outline-primary" onClick=${onAgain}>
      <${Icon} name="plus-lg" /> Start another plan
    </button>
  </main>`
}
