import { html, useCallback, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useAction, useArrival } from "../hooks.js"
import { Busy, Failure } from "./feedback.js"
import { TextField } from "./form.js"

/** The practitioner's NPI. */
export function LicenseForm({ onSaved, onCancel }) {
  const { api } = useSurroundings()
  const heading = useArrival()
  const [npi, setNpi] = useState("")
  const store = useCallback(async (value) => onSaved(await api.put("labs/license", { npi: value })), [api, onSaved])
  const [save, { busy, failure }] = useAction(store)
  const submit = (event) => {
    event.preventDefault()
    save(npi)
  }
  const wrong = failure?.fields?.npi ?? []
  return html`<form class="registration" onSubmit=${submit} novalidate>
    <h1 tabindex="-1" ref=${heading}>License information</h1>
    ${failure && wrong.length === 0 && html`<${Failure} failure=${failure} />`}
    <${TextField}
      id="license-npi"
      label="NPI number"
      hint="Ten digits. In this sandbox it is 1111111111."
      value=${npi}
      onValue=${setNpi}
      wrong=${wrong}
      inputmode="numeric"
      autocomplete="off"
    />
    <div class="registration-actions">
      <button type="submit" class="btn btn-primary" disabled=${busy}>
        ${busy ? html`<${Busy} label="Saving…" />` : "Save license information"}
      </button>
      <button type="button" class="btn btn-quiet" onClick=${onCancel}>Cancel</button>
    </div>
  </form>`
}
