import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useAction, useLoaded } from "../hooks.js"
import { counted } from "../words.js"
import { Failure, Icon } from "./feedback.js"

function titleOf(draft) {
  const names = [...draft.products, ...draft.labs]
  if (names.length === 0) {
    return "A message only"
  }
  return names.length > 2 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ")
}

function Draft({ draft, onOpen, onDiscard, busy }) {
  const begun = new Date(draft.updated_at).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" })
  return html`<li class="draft">
    <span class="draft-words">
      <span>${titleOf(draft)}</span>
      <span class="item-more">${begun} · ${draft.practitioner.name}</span>
    </span>
    <button type="button" class="btn btn-sm btn-outline-primary" onClick=${() => onOpen(draft)} disabled=${busy}>
      Continue<span class="visually-hidden"> with ${titleOf(draft)}</span>
    </button>
    <button type="button" class="btn btn-sm btn-quiet" onClick=${() => onDiscard(draft)} disabled=${busy}>
      <${Icon} name="trash" /><span class="visually-hidden">Discard ${titleOf(draft)}</span>
    </button>
  </li>`
}

/** Plans for this patient that were begun earlier, to go on with or throw away. */
export function Drafts({ patient, draft, onPractitioner }) {
  const { api, announce } = useSurroundings()
  const found = useLoaded(() => api.get(`patients/${patient.id}/drafts`), [patient.id])
  const [open, opening] = useAction(async ({ id }) => {
    const { plan } = await api.get(`plans/${id}`)
    onPractitioner(plan.practitioner)
    draft.reopen(plan)
  })
  const [discard, discarding] = useAction(async ({ id }) => {
    await api.delete(`plans/${id}`)
    announce("The draft is gone.")
    found.retry()
  })
  const failure = found.failure ?? opening.failure ?? discarding.failure
  const drafts = (found.data?.drafts ?? []).filter(({ id }) => id !== draft.plan.id)
  return html`${failure && html`<${Failure} failure=${failure} retry=${found.failure ? found.retry : null} />`}
    ${drafts.length > 0 &&
    html`<div class="drafts">
      <h2 class="minor">${counted(drafts.length, "draft", "drafts")} for ${patient.first_name}</h2>
      <ul>
        ${drafts.map(
          (one) =>
            html`<${Draft} key=${one.id} draft=${one} onOpen=${open} onDiscard=${discard} busy=${opening.busy || discarding.busy} />`,
        )}
      </ul>
    </div>`}`
}
