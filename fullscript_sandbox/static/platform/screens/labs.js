import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useLoaded, usePages, useSettled } from "../hooks.js"
import { Empty, Failure, Icon, Loading } from "../parts/feedback.js"
import { SearchBox } from "../parts/form.js"
import { KeepingButton } from "../parts/keeping_button.js"
import { LabTraits } from "../parts/lab_traits.js"
import { MoreButton } from "../parts/more_button.js"
import { counted } from "../words.js"
import { LabRegistration } from "./lab_registration.js"

function LabCard({ lab, plan, onAdd, onOpen }) {
  const held = plan.holdsLab(lab.id)
  return html`<li class=${`lab ${held ? "is-held" : ""}`}>
    <div class="lab-words">
      <p class="product-brand">${lab.company}</p>
      <button type="button" class="product-name" onClick=${() => onOpen(lab)}>${lab.name}</button>
      <${LabTraits} lab=${lab} />
    </div>
    <div class="lab-foot">
      <span class="price">$${lab.price}</span>
      <${KeepingButton}
        class=${`btn btn-sm ${held ? "btn-soft" : "btn-outline-primary"}`}
        onClick=${() => onAdd(lab)}
        inactive=${held}
      >
        <${Icon} name=${held ? "check2" : "plus-lg"} /> ${held ? "In plan" : "Add"}
        <span class="visually-hidden"> ${lab.name}</span>
      <//>
    </div>
  </li>`
}

function Shelf({ pages, ...rest }) {
  if (pages.status === "failed") {
    return html`<${Failure} failure=${pages.failure} retry=${pages.retry} />`
  }
  if (pages.status === "loading" && pages.items.length === 0) {
    return html`<${Loading} label="Loading labs…" />`
  }
  return html`<p class="count" role="status">${counted(pages.total, "lab", "labs")}</p>
    ${pages.items.length === 0 && html`<${Empty} icon="droplet" title="No lab fits that"><p>Try another word.</p><//>`}
    <ul class="labs">
      ${pages.items.map((lab) => html`<${LabCard} key=${lab.id} lab=${lab} ...${rest} />`)}
    </ul>
    <${MoreButton} pages=${pages} />`
}

/** The labs that can be recommended, in the US. */
function LabCatalog(rest) {
  const { api } = useSurroundings()
  const [query, setQuery] = useState("")
  const settled = useSettled(query)
  const pages = usePages(
    async (page) => {
      const answer = await api.get("labs", { query: settled, page })
      return { items: answer.labs, total: answer.total, next: answer.next_page }
    },
    [settled],
  )
  return html`<div class="catalog-tools">
      <${SearchBox} id="lab-search" label="Search labs" placeholder="Search labs and tests" value=${query} onValue=${setQuery} />
    </div>
    <${Shelf} ...${rest} pages=${pages} />`
}

/** The labs, for a practitioner who is registered for them; before that the way to register. */
export function Labs({ practitioner, ...rest }) {
  const { api } = useSurroundings()
  const [changed, setChanged] = useState(null) // by what the user did here since it was loaded
  const asked = useLoaded(() => api.get("labs/registration", { "practitioner_id": practitioner.id }), [practitioner.id])
  const known = changed?.practitioner.id === practitioner.id ? changed : asked.data
  if (asked.status === "failed") {
    return html`<h1 class="visually-hidden">Labs</h1>
      <${Failure} failure=${asked.failure} retry=${asked.retry} />`
  }
  if (asked.status === "loading") {
    return html`<${Loading} label="Loading labs…" />`
  }
  if (!known.registered) {
    return html`<${LabRegistration} registration=${known} onChange=${setChanged} />`
  }
  return html`<h1 class="visually-hidden">Labs</h1>
    <${LabCatalog} ...${rest} />`
}
