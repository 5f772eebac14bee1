import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useLoaded } from "../hooks.js"
import { PatientForm } from "../parts/patient_form.js"

/** Who has the address already: to be chosen instead, or as the guardian whose dependent is added. */
function Taken({ email, onSearch, onDependent }) {
  const { api } = useSurroundings()
  const found = useLoaded(() => api.get("patients", { query: email }), [email])
  const isOwner = (one) => !one.is_dependent && one.email.toLowerCase() === email.trim().toLowerCase()
  const owner = found.data?.patients.find(isOwner)
  return html`<div class="taken">
    <span>${owner?.name ?? "Somebody here"} has this e-mail address.</span>
    <button type="button" class="btn btn-sm btn-outline-secondary" onClick=${() => onSearch(email)}>Show who</button>
    ${owner &&
    html`<button type="button" class="btn btn-sm btn-outline-secondary" onClick=${() => onDependent(owner)}>
      Add as a dependent of ${owner.name}
    </button>`}
  </div>`
}

/** The form for a patient that the clinic does not have yet, filled with what the app knows. */
export function NewPatient({ onPick, onSearch }) {
  const { api, desk } = useSurroundings()
  const [welcomes, setWelcomes] = useState(desk.patient_data.send_welcome_email ?? true)
  const create = async (values) => onPick(await api.post("patients", { ...values, "send_welcome_email": welcomes }))
  const taken = (email, submit) =>
    html`<${Taken} email=${email} onSearch=${onSearch} onDependent=${({ id }) => submit({ "guardian_patient_id": id })} />`
  return html`<${PatientForm} data=${desk.patient_data} label="Add patient" busyLabel="Adding…" onSubmit=${create} taken=${taken}>
    <div class="form-check">
      <input id="patient-welcome" type="checkbox" class="form-check-input" checked=${welcomes} onChange=${() => setWelcomes(!welcomes)} />
      <label class="form-check-label" for="patient-welcome">Send a welcome e-mail from Fullscript</label>
    </div>
  <//>`
}
