import { html, useEffect, useRef } from "../../vendor/htm/preact/standalone.module.js"
import { useAction } from "../hooks.js"
import { Busy, Failure } from "./feedback.js"

/** Asks what becomes of an unsaved plan before another patient is chosen. */
export function UnsavedDialog({ patient, draft, onClose, onGoOn }) {
  const dialog = useRef(null)
  useEffect(() => dialog.current.showModal(), [])
  const [keep, { busy, failure }] = useAction(async () => {
    await draft.keep()
    onGoOn()
  })
  return html`<dialog ref=${dialog} class="ask" onClose=${onClose} aria-labelledby="ask-title">
    <h2 id="ask-title">Keep this plan?</h2>
    <p>The plan for ${patient.name} is not saved yet. A draft can be opened again with the patient.</p>
    ${failure && html`<${Failure} failure=${failure} />`}
    <div class="ask-actions">
      <button type="button" class="btn btn-quiet" onClick=${onClose}>Go on with it</button>
      <button type="button" class="btn btn-outline-danger" onClick=${onGoOn}>Don’t save</button>
      <button type="button" class="btn btn-primary" onClick=${keep} disabled=${busy}>
        ${busy ? html`<${Busy} label="Saving…" />` : "Save draft"}
      </button>
    </div>
  </dialog>`
}
