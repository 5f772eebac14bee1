import { html } from "../../vendor/htm/preact/standalone.module.js"
import { timeWords } from "../words.js"
import { Busy } from "./feedback.js"
import { KeepingButton } from "./keeping_button.js"

/** Keeps the plan as a draft, and tells whether it is kept as it stands. */
export function SaveButton({ draft }) {
  const { plan, isSaved, savedAt, save, saving } = draft
  const kept = savedAt ? `Saved at ${timeWords(savedAt)}` : "Draft saved"
  return html`<${KeepingButton}
      class="btn btn-outline-secondary"
      onClick=${save}
      inactive=${plan.isEmpty || isSaved || saving.busy}
    >
      ${saving.busy ? html`<${Busy} label="Saving…" />` : "Save draft"}
    <//>
    <span class="save-state" role="status">${isSaved && !plan.isEmpty ? kept : ""}</span>`
}
