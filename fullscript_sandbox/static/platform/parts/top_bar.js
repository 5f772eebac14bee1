import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { initials, patientWords } from "../words.js"
import { Icon } from "./feedback.js"
import { UnsavedDialog } from "./unsaved_dialog.js"

/** The practitioner and the patient can change until the plan is active. */
function Changes({ practitioner, draft, isSent, onPractitioner, onPatient }) {
  const { desk } = useSurroundings()
  const isWrongMatch = draft.isOfLink && !isSent
  return html`<div class="top-bar-actions">
    ${desk.picks_practitioner &&
    !isSent &&
    html`<button type="button" class="btn btn-sm btn-quiet" onClick=${onPractitioner}>
      <${Icon} name="person-badge" /> <span class="from">From ${practitioner.name}</span>
      <span class="visually-hidden">, change practitioner</span>
    </button>`}
    <button type="button" class="btn btn-sm btn-outline-secondary" onClick=${onPatient}>
      ${isWrongMatch ? "Not the right patient?" : html`Change<span class="wide"> patient</span>`}
    </button>
  </div>`
}

/** For whom and in whose name the plan is written, and the ways to change both. */
export function TopBar({ patient, practitioner, draft, isSent, onChange }) {
  const [asking, setAsking] = useState(false)
  const changePatient = () => {
    if (draft.plan.isEmpty || draft.isSaved || draft.isOfLink || isSent) {
      onChange("patient")
    } else {
      setAsking(true)
    }
  }
  return html`<header class="top-bar">
    <img src="/static/sandbox/icon.svg" alt="Fullscript sandbox" width="32" height="32" />
    <div class="person">
      <span class="avatar" aria-hidden="true">${initials(patient.name)}</span>
      <div class="person-words">
        <p class="person-name">
          ${patient.name}
          <button type="button" class="btn btn-sm btn-quiet person-edit" onClick=${() => onChange("details")}>
            <${Icon} name="pencil" /><span class="visually-hidden">Edit the details of ${patient.name}</span>
          </button>
        </p>
        <p class="person-more">${patientWords(patient)}</p>
      </div>
    </div>
    ${!(draft.isActive && !isSent) &&
    html`<${Changes} ...${{ practitioner, draft, isSent }} onPractitioner=${() => onChange("practitioner")} onPatient=${changePatient} />`}
    ${asking &&
    html`<${UnsavedDialog}
      patient=${patient}
      draft=${draft}
      onClose=${() => setAsking(false)}
      onGoOn=${() => {
        setAsking(false)
        onChange("patient")
      }}
    />`}
  </header>`
}
