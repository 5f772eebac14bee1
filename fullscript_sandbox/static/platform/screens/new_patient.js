import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { PatientForm } from "../parts/patient_form.js"

/** The form for a patient that the clinic does not have yet, filled with what the app knows. */
export function NewPatient({ onPick, onSearch }) {
  const { api, desk } = useSurroundings()
  const [welcomes, setWelcomes] = useState(true)
  const create = async (values) => onPick(await api.post("patients", { ...values, "send_welcome_email": welcomes }))
  const taken = (email) => html`<p class="taken">
    Somebody here has this e-mail address.
    <button type="button" class="btn btn-link" onClick=${() => onSearch(email)}>Show who</button>
  </p>`
  return html`<${PatientForm} data=${desk.patient_data} label="Add patient" busyLabel="Adding…" onSubmit=${create} taken=${taken}>
    <div class="form-check">
      <input id="patient-welcome" type="checkbox" class="form-check-input" checked=${welcomes} onChange=${() => setWelcomes(!welcomes)} />
      <label class="form-check-label" for="patient-welcome">Send a welcome e-mail from Fullscript</label>
    </div>
  <//>`
}
