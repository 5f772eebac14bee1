import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { initials, patientWords } from "../words.js"
import { Icon } from "./feedback.js"
import { UnsavedDialog } from "./unsaved_dialog.js"

/** For whom and in whose name the plan is written, and the ways to change both. */
export function TopBar({ patient, practitioner, draft, isSent, onChange }) {
  const { desk } = useSurroundings()
  const [asking, setAsking] = useState(false)
  const changePatient = () => {
    if (draft.plan.isEmpty || draft.isSaved || isSent) {
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
    <div class="top-bar-actions">
      ${desk.picks_practitioner &&
      !isSent &&
      html`<button type="button" class="btn btn-sm btn-quiet" onClick=${() => onChange("practitioner")}>
        <${Icon} name="person-badge" /> <span class="from">From ${practitioner.name}</span>
        <span class="visually-hidden">, change practitioner</span>
      </button>`}
      <button type="button" class="btn btn-sm btn-outline-secondary" onClick=${changePatient}>Change<span class="wide"> patient</span></button>
    </div>
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
