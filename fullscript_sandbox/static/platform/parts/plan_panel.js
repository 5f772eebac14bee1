import { html, useEffect, useRef, useState } from "../../vendor/htm/preact/standalone.module.js"
import { Drafts } from "./drafts.js"
import { Empty, Failure, Icon } from "./feedback.js"
import { Field } from "./form.js"
import { RecommendationItem } from "./recommendation_item.js"
import { SaveButton } from "./save_button.js"

function Labs({ plan, setPlan }) {
  return html`<h2 class="minor">Labs</h2>
    <ul class="plan-labs">
      ${plan.labs.map(
        (lab) => html`<li key=${lab.id} class="plan-lab">
          <${Icon} name="droplet" />
          <span class="plan-lab-name">${lab.name}<span class="item-more">$${lab.price}</span></span>
          <button type="button" class="btn btn-sm btn-quiet" onClick=${() => setPlan(plan.withoutLab(lab.id))}>
            <${Icon} name="trash" /><span class="visually-hidden">Remove ${lab.name}</span>
          </button>
        </li>`,
      )}
    </ul>`
}

function Message({ plan, setPlan, patient }) {
  return html`<${Field} id="personal-message" label=${`Message to ${patient.first_name}`} optional>
    <textarea
      id="personal-message"
      class="form-control"
      rows="3"
      maxlength="5000"
      value=${plan.message}
      onInput=${({ currentTarget }) => setPlan(plan.withMessage(currentTarget.value))}
    ></textarea>
  <//>`
}

function Contents({ draft, patient }) {
  const [editing, setEditing] = useState(null)
  const { plan, setPlan } = draft
  return html`${plan.items.length > 0 &&
    html`<ol class="items">
      ${plan.items.map(
        (item, index) =>
          html`<${RecommendationItem}
            key=${item.key}
            ...${{ item, index, plan, setPlan }}
            open=${editing === item.key}
            onToggle=${() => setEditing(editing === item.key ? null : item.key)}
          />`,
      )}
    </ol>`}
    ${plan.labs.length > 0 && html`<${Labs} ...${{ plan, setPlan }} />`}
    <${Message} ...${{ plan, setPlan, patient }} />`
}

function Nothing({ patient, draft, onPractitioner }) {
  if (draft.isActive) {
    return html`<${Empty} icon="clipboard2-plus" title="Nothing is left">
      <p>A plan that was sent cannot be empty. To take it back, cancel it.</p>
    <//>`
  }
  return html`<${Drafts} ...${{ patient, draft, onPractitioner }} />
    <${Empty} icon="clipboard2-plus" title="The plan is empty">
      <p>What you add comes with its usual dosage, which you can change here.</p>
    <//>`
}

/** The ways on: a draft is saved, reviewed and sent, an active plan is reviewed once something changed. */
function Foot({ draft, onReview }) {
  const { plan, saving, save, isActive, isSaved } = draft
  if (isActive) {
    return html`<p class="item-more">${isSaved ? "Nothing is changed yet." : "Not saved yet."}</p>
      <button type="button" class="btn btn-primary" disabled=${plan.size === 0 || isSaved} onClick=${onReview}>
        Review changes
      </button>`
  }
  return html`${saving.failure && html`<${Failure} failure=${saving.failure} retry=${saving.failure.mayPass ? save : null} />`}
    <${SaveButton} draft=${draft} />
    <button type="button" class="btn btn-primary" disabled=${plan.size === 0} onClick=${onReview}>Review and send</button>`
}

/**
 * The plan that is being written: what is in it, how to take it, a message, and the ways on. Beside the
 * catalog it is a region, on narrow frames (`isPage`) it takes the catalog's place.
 */
export function PlanPanel({ patient, practitioner, draft, onReview, onPractitioner, onBack, isPage }) {
  const { plan } = draft
  const title = useRef(null)
  useEffect(() => {
    if (isPage) {
      title.current.focus()
    }
  }, [isPage])
  return html`<section class="panel" aria-labelledby="plan-title">
    <div class="panel-head">
      <button type="button" class="btn btn-quiet panel-back" onClick=${onBack}>
        <${Icon} name="arrow-left" /><span class="visually-hidden">Back to the catalog</span>
      </button>
      <div>
        <${isPage ? "h1" : "h2"} id="plan-title" ref=${title} tabindex="-1">Treatment plan<//>
        <p class="item-more">From ${practitioner.name}${draft.isActive && " · active"}</p>
      </div>
      ${plan.size > 0 && html`<span class="badge text-bg-primary" aria-hidden="true">${plan.size}</span>`}
    </div>
    <div class="panel-body">
      ${plan.isEmpty
        ? html`<${Nothing} ...${{ patient, draft, onPractitioner }} />`
        : html`<${Contents} ...${{ draft, patient }} />`}
    </div>
    <div class="panel-foot">
      <${Foot} draft=${draft} onReview=${onReview} />
    </div>
  </section>`
}
