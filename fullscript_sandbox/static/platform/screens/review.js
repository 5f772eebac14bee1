import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useAction, useArrival } from "../hooks.js"
import { Busy, Failure, Icon } from "../parts/feedback.js"
import { PlanSummary } from "../parts/plan_summary.js"
import { SaveButton } from "../parts/save_button.js"

function Channels({ patient }) {
  return html`<p class="channels">
    <${Icon} name="send" /> ${patient.name} gets it by e-mail at <strong>${patient.email}</strong>${patient.mobile_number &&
    html` and as a text message to <strong>${patient.mobile_number}</strong>`}.
  </p>`
}

/** The plan as the patient will get it, once more, before it is sent. */
export function Review({ patient, practitioner, draft, onBack, onSent }) {
  const heading = useArrival()
  const [send, { busy, failure }] = useAction(async () => {
    const { message } = await draft.send()
    onSent(message)
  })
  return html`<main class="page">
    <button type="button" class="btn btn-quiet back" onClick=${onBack} disabled=${busy}>
      <${Icon} name="arrow-left" /> Back to the plan
    </button>
    <h1 tabindex="-1" ref=${heading}>Review the plan for ${patient.first_name}</h1>
    <p class="text-body-secondary">From ${practitioner.name}</p>
    <${PlanSummary} plan=${draft.plan} />
    <${Channels} patient=${patient} />
    ${failure && html`<${Failure} failure=${failure} retry=${failure.mayPass ? send : null} />`}
    ${draft.saving.failure && html`<${Failure} failure=${draft.saving.failure} retry=${draft.saving.failure.mayPass ? draft.save : null} />`}
    <div class="page-foot">
      <${SaveButton} draft=${draft} />
      <button type="button" class="btn btn-primary btn-lg" onClick=${send} disabled=${busy}>
        ${busy ? html`<${Busy} label="Sending…" />` : "Send to patient"}
      </button>
    </div>
  </main>`
}
