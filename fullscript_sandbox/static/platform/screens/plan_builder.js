import { html, useCallback, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { Icon } from "../parts/feedback.js"
import { PlanPanel } from "../parts/plan_panel.js"
import { counted } from "../words.js"
import { Catalog } from "./catalog.js"
import { LabPage } from "./lab_page.js"
import { Labs } from "./labs.js"
import { ProductPage } from "./product_page.js"

function Tabs({ tab, onTab }) {
  const tabs = [
    ["catalog", "box-seam", "Catalog"],
    ["labs", "droplet", "Labs"],
  ]
  return html`<nav class="tabs" aria-label="Fullscript">
    ${tabs.map(
      ([name, icon, label]) => html`<button
        key=${name}
        type="button"
        class="tab"
        aria-current=${tab === name ? "page" : null}
        onClick=${() => onTab(name)}
      >
        <${Icon} name=${icon} /> ${label}
      </button>`,
    )}
  </nav>`
}

/** On narrow frames the plan is a page of its own; this bar leads to it. */
function PlanBar({ draft, onOpen }) {
  return html`<div class="plan-bar">
    <button type="button" class="btn btn-primary" onClick=${onOpen}>
      <${Icon} name="clipboard2-pulse" /> Plan · ${counted(draft.plan.size, "item", "items")}
    </button>
  </div>`
}

/** What the two tabs show; what is left for a moment keeps its place, its search and its filters. */
function Shelves({ tab, open, onOpen, onClose, draft, practitioner, onAdd }) {
  const { desk } = useSurroundings()
  const { plan, setPlan } = draft
  const addLab = (lab) => onAdd(lab.name, (current) => current.withLab(lab))
  return html`
    <div class="view" hidden=${open || tab !== "catalog"}>
      <${Catalog} plan=${plan} practitioner=${practitioner} onAdd=${onAdd} onOpen=${(id) => onOpen({ kind: "product", id })} />
    </div>
    ${desk.has_labs &&
    html`<div class="view" hidden=${open || tab !== "labs"}>
      <${Labs} plan=${plan} practitioner=${practitioner} onAdd=${addLab} onOpen=${(lab) => onOpen({ kind: "lab", lab })} />
    </div>`}
    ${open?.kind === "product" &&
    html`<div class="view">
      <${ProductPage} key=${open.id} id=${open.id} plan=${plan} practitioner=${practitioner} onAdd=${onAdd} onBack=${onClose} />
    </div>`}
    ${open?.kind === "lab" &&
    html`<div class="view">
      <${LabPage} lab=${open.lab} plan=${plan} onAdd=${addLab} onRemove=${(lab) => setPlan(plan.withoutLab(lab.id))} onBack=${onClose} />
    </div>`}
  `
}

/** Catalog and labs beside the plan that is being written. */
export function PlanBuilder({ patient, practitioner, draft, onReview, onPractitioner }) {
  const { desk, announce } = useSurroundings()
  const [tab, setTab] = useState(desk.entrypoint)
  const [open, setOpen] = useState(null)
  const [showsPlan, setShowsPlan] = useState(false)
  const goTo = (name) => {
    setTab(name)
    setOpen(null)
    setShowsPlan(false)
  }
  const add = useCallback(
    (name, change) => {
      draft.setPlan(change)
      announce(`${name} was added to the plan.`)
    },
    [draft.setPlan, announce],
  )
  return html`<main class=${`builder ${showsPlan ? "shows-plan" : ""}`}>
    <div class="shelf">
      ${desk.has_labs && html`<${Tabs} tab=${tab} onTab=${goTo} />`}
      <${Shelves} ...${{ tab, open, draft, practitioner }} onOpen=${setOpen} onClose=${() => setOpen(null)} onAdd=${add} />
      <${PlanBar} draft=${draft} onOpen=${() => setShowsPlan(true)} />
    </div>
    <${PlanPanel} ...${{ patient, practitioner, draft, onReview, onPractitioner }} isPage=${showsPlan} onBack=${() => setShowsPlan(false)} />
  </main>`
}
