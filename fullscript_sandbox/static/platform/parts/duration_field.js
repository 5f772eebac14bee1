import { html } from "../../vendor/htm/preact/standalone.module.js"
import { capitalized } from "../words.js"
import { Field } from "./form.js"

const DAYS = "days"
const FIRST_DAYS = "30"

/** How long: one of the words, or a number of days. */
export function DurationField({ item, onChange, words }) {
  const isWord = item.duration === "" || words.includes(item.duration)
  const id = `duration-${item.key}`
  const choose = (value) => onChange({ duration: value === DAYS ? FIRST_DAYS : value })
  return html`<${Field} id=${id} label="Duration">
    <div class="duration">
      <select id=${id} class="form-select" value=${isWord ? item.duration : DAYS} onChange=${({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">Not set</option>
        <option value=${DAYS}>Days</option>
        ${words.map((word) => html`<option key=${word} value=${word}>${capitalized(word)}</option>`)}
      </select>
      ${!isWord &&
      html`<input
        type="number"
        min="1"
        class="form-control"
        aria-label="Days"
        value=${item.duration}
        onInput=${({ currentTarget }) => onChange({ duration: currentTarget.value || "0" })}
      />`}
    </div>
  <//>`
}
