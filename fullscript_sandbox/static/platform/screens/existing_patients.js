import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useAction, usePages, useSettled } from "../hooks.js"
import { Empty, Failure, Icon, Loading } from "../parts/feedback.js"
import { SearchBox } from "../parts/form.js"
import { MoreButton } from "../parts/more_button.js"
import { counted, initials, patientWords } from "../words.js"

function PatientRow({ patient, onChoose, busy }) {
  return html`<li>
    <button type="button" class="choice" onClick=${() => onChoose(patient)} disabled=${busy}>
      <span class="avatar" aria-hidden="true">${initials(patient.name)}</span>
      <span class="choice-words">
        <span class="choice-name">
          ${patient.name}
          ${patient.is_dependent && html` <span class="badge text-bg-light">Dependent of ${patient.guardian}</span>`}
        </span>
        <span class="choice-more">${patientWords(patient)}</span>
      </span>
      <${Icon} name="chevron-right" />
    </button>
  </li>`
}

function Results({ query, onChoose, busy, onNew }) {
  const { api } = useSurroundings()
  const settled = useSettled(query)
  const pages = usePages(
    async (page) => {
      const answer = await api.get("patients", { query: settled, page })
      return { items: answer.patients, total: answer.total, next: answer.next_page }
    },
    [settled],
  )
  if (pages.status === "failed") {
    return html`<${Failure} failure=${pages.failure} retry=${pages.retry} />`
  }
  if (pages.status === "loading" && pages.items.length === 0) {
    return html`<${Loading} label="Searching…" />`
  }
  const words = counted(pages.total, "patient", "patients")
  return html`<p class="count" role="status">${settled ? `${words} for “${settled}”` : `${words} in this clinic`}</p>
    ${pages.items.length === 0 &&
    html`<${Empty} icon="person-x" title="No patient fits that">
      <button type="button" class="btn btn-outline-primary" onClick=${onNew}>Add somebody new</button>
    <//>`}
    <ul class="choices">
      ${pages.items.map((patient) => html`<${PatientRow} key=${patient.id} ...${{ patient, onChoose, busy }} />`)}
    </ul>
    <${MoreButton} pages=${pages} />`
}

/** Suggestions first; as soon as something is typed, what the clinic has. */
export function ExistingPatients({ suggestions, query, onQuery, onPick, onNew }) {
  const { api, desk } = useSurroundings()
  const [choose, { busy, failure }] = useAction(async (patient) => {
    onPick(await api.post(`patients/${patient.id}/selection`))
  })
  const suggesting = suggestions.length > 0 && !query
  return html`<${SearchBox}
      id="patient-search"
      label="Search patients"
      placeholder="Search by name or e-mail"
      value=${query}
      onValue=${onQuery}
    />
    ${failure && html`<${Failure} failure=${failure} />`}
    ${suggesting
      ? html`<p class="count">We found ${counted(suggestions.length, "match", "matches")} for what ${desk.app.name} knows.</p>
          <ul class="choices" aria-label="Suggestions">
            ${suggestions.map((patient) => html`<${PatientRow} key=${patient.id} ...${{ patient, busy }} onChoose=${choose} />`)}
          </ul>
          <p class="none-of-these">
            None of these? <button type="button" class="btn btn-link" onClick=${onNew}>Add somebody new</button>
          </p>`
      : html`<${Results} query=${query} onChoose=${choose} busy=${busy} onNew=${onNew} />`}`
}
