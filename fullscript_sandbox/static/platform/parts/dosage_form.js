import { html } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { capitalized } from "../words.js"
import { DurationField } from "./duration_field.js"
import { Field, SelectField, TextField } from "./form.js"

/** The words as options, "not set" first, and a value from elsewhere that is not among them. */
function optionsOf(words, value) {
  const all = value && !words.includes(value) ? [...words, value] : words
  return [["", "Not set"], ...all.map((word) => [word, capitalized(word)])]
}

function TimesOfDay({ item, onChange, words }) {
  const toggle = (word) => () => {
    const chosen = item.timesOfDay.includes(word)
      ? item.timesOfDay.filter((one) => one !== word)
      : words.filter((one) => one === word || item.timesOfDay.includes(one))
    onChange({ timesOfDay: chosen })
  }
  return html`<fieldset class="chips">
    <legend class="form-label">Time of day</legend>
    ${words.map((word) => {
      const id = `time-${item.key}-${word}`
      return html`<span key=${word}>
        <input id=${id} type="checkbox" class="btn-check" checked=${item.timesOfDay.includes(word)} onChange=${toggle(word)} />
        <label class="btn btn-sm btn-outline-secondary" for=${id}>${capitalized(word)}</label>
      </span>`
    })}
  </fieldset>`
}

function Buying({ item, onChange }) {
  const sizes = item.product.variants.map((one) => [one.id, `${one.size} · $${one.price}`])
  return html`<div class="whole">
      <${SelectField} id=${`size-${item.key}`} label="Size" value=${item.variantId} options=${sizes} onValue=${(variantId) => onChange({ variantId })} />
    </div>
    <${TextField}
      id=${`units-${item.key}`}
      label="Units to purchase"
      type="number"
      min="1"
      max="99"
      value=${item.units}
      onValue=${(text) => onChange({ units: text })}
    />
    <div class="form-check form-switch refill">
      <input id=${`refill-${item.key}`} type="checkbox" role="switch" class="form-check-input" checked=${item.refill} onChange=${() => onChange({ refill: !item.refill })} />
      <label class="form-check-label" for=${`refill-${item.key}`}>Refill reminders</label>
    </div>`
}

/** Everything about how a product is bought and taken. */
export function DosageForm({ item, onChange }) {
  const { words } = useSurroundings().desk
  const choice = (name, label, list) =>
    html`<${SelectField}
      id=${`${name}-${item.key}`}
      label=${label}
      value=${item[name]}
      options=${optionsOf(list, item[name])}
      onValue=${(value) => onChange({ [name]: value })}
    />`
  const amountHint = "A number, 1-2 or 1/2"
  return html`<div class="dosage form-grid">
    <${Buying} item=${item} onChange=${onChange} />
    <${TextField} id=${`amount-${item.key}`} label="Amount" value=${item.amount} hint=${amountHint} onValue=${(amount) => onChange({ amount })} />
    ${choice("format", "Format", words.formats)}
    <div class="whole">${choice("frequency", "Frequency", words.frequencies)}</div>
    <div class="whole"><${DurationField} item=${item} onChange=${onChange} words=${words.durations} /></div>
    <div class="whole"><${TimesOfDay} item=${item} onChange=${onChange} words=${words.times_of_day} /></div>
    <div class="whole">${choice("takeWith", "Take with", words.take_with)}</div>
    <div class="whole">
      <${Field} id=${`note-${item.key}`} label="Note" optional>
        <textarea id=${`note-${item.key}`} class="form-control" rows="2" maxlength="500" value=${item.note} onInput=${({ currentTarget }) => onChange({ note: currentTarget.value })}></textarea>
      <//>
    </div>
  </div>`
}
