import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useArrival, useLoaded } from "../hooks.js"
import { Failure, Icon, Loading } from "../parts/feedback.js"
import { ExistingPatients } from "./existing_patients.js"
import { NewPatient } from "./new_patient.js"

function titleOf({ desk, suggestions, way }) {
  const name = [desk.patient_data.first_name, desk.patient_data.last_name].filter(Boolean).join(" ")
  if (way === "new") {
    return name ? `Add ${name} to Fullscript` : "Add a patient"
  }
  if (suggestions.length === 0) {
    return "Find a patient"
  }
  return suggestions.length === 1 ? "Is this your patient?" : "Is one of these your patient?"
}

function Ways({ way, onWay }) {
  const ways = [
    ["existing", "person-check", "Existing patient"],
    ["new", "person-plus", "New patient"],
  ]
  return html`<div class="segments" role="group" aria-label="Which patient">
    ${ways.map(
      ([name, icon, label]) => html`<button
        key=${name}
        type="button"
        class="segment"
        aria-pressed=${way === name ? "true" : "false"}
        onClick=${() => onWay(name)}
      >
        <${Icon} name=${icon} /> ${label}
      </button>`,
    )}
  </div>`
}

/** In a tab that knows nothing of the patient, people search first; a frame offers to add somebody. */
function firstWay({ desk, suggestions, current }) {
  const knowsNothing = Object.keys(desk.patient_data).length === 0
  return suggestions.length > 0 || current || (desk.in_tab && knowsNothing) ? "existing" : "new"
}

function Finder({ suggestions, onPick, onCancel, current }) {
  const { desk } = useSurroundings()
  const heading = useArrival()
  const [way, setWay] = useState(() => firstWay({ desk, suggestions, current }))
  const [query, setQuery] = useState("")
  const searchFor = (text) => {
    setQuery(text)
    setWay("existing")
  }
  return html`<main class="narrow">
    <p class="overline">${desk.clinic.name}</p>
    <h1 tabindex="-1" ref=${heading}>${titleOf({ desk, suggestions, way })}</h1>
    <${Ways} way=${way} onWay=${setWay} />
    ${way === "existing"
      ? html`<${ExistingPatients} ...${{ suggestions, query, onQuery: setQuery, onPick, onNew: () => setWay("new") }} />`
      : html`<${NewPatient} onPick=${onPick} onSearch=${searchFor} />`}
    ${onCancel && html`<button type="button" class="btn btn-quiet mt-2" onClick=${onCancel}>Stay with ${current.name}</button>`}
  </main>`
}

/** Who is being replaced needs no suggesting; who else it may be is suggested where a link matched wrongly. */
function suggestionsFor({ desk, current }, patients) {
  if (!current) {
    return patients
  }
  return desk.in_tab ? patients.filter(({ id }) => id !== current.id) : []
}

/** The patient selector: suggestions from what the app knows, search, or a new record. */
export function FindPatient(rest) {
  const { api, desk } = useSurroundings()
  const found = useLoaded(() => api.get("patients/suggestions"), [])
  if (found.status === "loading") {
    return html`<${Loading} label=${`Looking through ${desk.clinic.name}…`} />`
  }
  if (found.status === "failed") {
    return html`<main class="narrow"><${Failure} failure=${found.failure} retry=${found.retry} /></main>`
  }
  return html`<${Finder} ...${rest} suggestions=${suggestionsFor({ desk, ...rest }, found.data.patients)} />`
}
