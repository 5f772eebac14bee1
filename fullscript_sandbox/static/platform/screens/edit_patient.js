import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useArrival } from "../hooks.js"
import { PatientForm } from "../parts/patient_form.js"

/** The patient's details, to put right. */
export function EditPatient({ patient, onDone, onCancel }) {
  const { api } = useSurroundings()
  const heading = useArrival()
  const save = async (values) => {
    const { patient: changed } = await api.patch(`patients/${patient.id}`, values)
    onDone(changed)
  }
  return html`<main class="narrow">
    <h1 tabindex="-1" ref=${heading}>Details of ${patient.name}</h1>
    <${PatientForm} data=${patient} label="Save details" busyLabel="Saving…" onSubmit=${save} />
    <button type="button" class="btn btn-quiet mt-2" onClick=${onCancel}>Cancel</button>
  </main>`
}
