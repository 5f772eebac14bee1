import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useAction, useArrival } from "../hooks.js"
import { Busy, Failure, Icon } from "../parts/feedback.js"
import { PlanSummary } from "../parts/plan_summary.js"
import { SaveButton } from "../parts/save_button.js"

function Channels({ patient, isActive }) {
  if (isActive) {
    return html`<p class="channels"><${Icon} name="eye" /> ${patient.name} has this plan and sees what you change.</p>`
  }
  return html`<p class="channels">
    <${Icon} name="send" /> ${patient.name} gets it by e-mail at <strong>${patient.email}</strong>${patient.mobile_number &&
    html` and as a text message to <strong>${patient.mobile_number}</strong>`}.
  </p>`
}

const SENDING = { send: "Send to patient", busy: "Sending…" }
const CHANGING = { send: "Save changes", busy: "Saving…" }

/** The plan as the patient will get it, once more, before it is sent or changed. */
export function Review({ patient, practitioner, draft, onBack, onSent }) {
  const heading = useArrival()
  const words = draft.isActive ? CHANGING : SENDING
  const [send, { busy, failure }] = useAction(async () => {
    const { message } = await draft.send()
    onSent(message)
  })
  return html`<main class="page">
    <button type="button" class="btn btn-quiet back" onClick=${onBack} disabled=${busy}>
      <${Icon} name="arrow-left" /> Back to the plan
    </button>
    <h1 tabindex="-1" ref=${heading}>Review the ${draft.isActive ? "changed " : ""}plan for ${patient.first_name}</h1>
    <p class="text-body-secondary">From ${practitioner.name}</p>
    <${PlanSummary} plan=${draft.plan} />
    <${Channels} patient=${patient} isActive=${draft.isActive} />
    ${failure && html`<${Failure} failure=${failure} retry=${failure.mayPass ? send : null} />`}
    ${draft.saving.failure && html`<${Failure} failure=${draft.saving.failure} retry=${draft.saving.failure.mayPass ? draft.save : null} />`}
    <div class="page-foot">
      ${!draft.isActive && html`<${SaveButton} draft=${draft} />`}
      <button type="button" class="btn btn-primary btn-lg" onClick=${send} disabled=${busy}>
        ${busy ? html`<${Busy} label=${words.busy} />` : words.send}
      </button>
    </div>
  </main>`
}
