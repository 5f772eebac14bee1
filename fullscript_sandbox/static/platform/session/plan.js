import { newId } from "./new_id.js"

function moved(list, index, step) {
  const target = index + step
  if (target < 0 || target >= list.length) {
    return list
  }
  const copy = [...list]
  copy.splice(target, 0, ...copy.splice(index, 1))
  return copy
}

/** The item's fields as the reference names them, for saving. */
function recommendationBody(item) {
  return {
    "variant_id": item.variantId,
    "units_to_purchase": item.units,
    refill: item.refill,
    "take_with": item.takeWith,
    dosage: {
      amount: item.amount,
      frequency: item.frequency,
      duration: item.duration,
      format: item.format,
      "time_of_day": item.timesOfDay,
      "additional_info": item.note,
    },
  }
}

function itemFrom(product, { variantId, dosage, units = 1, refill = false, takeWith = "" }) {
  return {
    key: newId(),
    product,
    variantId,
    units,
    refill,
    takeWith: takeWith ?? "",
    amount: dosage.amount ?? "",
    frequency: dosage.frequency ?? "",
    duration: dosage.duration ?? "",
    format: dosage.format ?? "",
    timesOfDay: dosage.time_of_day ?? [],
    note: dosage.additional_info ?? "",
  }
}

/** A treatment plan being written. It does not change: each method answers the plan that comes next. */
export class Plan {
  constructor({ id, items = [], labs = [], message = "" }) {
    Object.assign(this, { id, items, labs, message })
    Object.freeze(this)
  }

  /** A plan with nothing in it, under the id that a link reserved for it or a new one. */
  static empty(id) {
    return new Plan({ id: id ?? newId() })
  }

  /** A plan that was saved before, from the server's page of it. */
  static reopened(page) {
    const items = page.recommendations.map((one) =>
      itemFrom(one.product, {
        variantId: one.variant_id,
        dosage: one.dosage,
        units: one.units_to_purchase,
        refill: one.refill,
        takeWith: one.take_with,
      }),
    )
    return new Plan({ id: page.id, items, labs: page.lab_recommendations, message: page.personal_message })
  }

  get size() {
    return this.items.length + this.labs.length
  }

  get isEmpty() {
    return this.size === 0 && !this.message
  }

  holdsProduct(productId) {
    return this.items.some((item) => item.product.id === productId)
  }

  holdsLab(labId) {
    return this.labs.some((lab) => lab.id === labId)
  }

  withProduct(product, variantId) {
    const item = itemFrom(product, { variantId, dosage: product.dosage, refill: true })
    return new Plan({ ...this, items: [...this.items, item] })
  }

  withItem(key, changes) {
    const items = this.items.map((item) => (item.key === key ? { ...item, ...changes } : item))
    return new Plan({ ...this, items })
  }

  withoutItem(key) {
    return new Plan({ ...this, items: this.items.filter((item) => item.key !== key) })
  }

  withItemMoved(key, step) {
    const index = this.items.findIndex((item) => item.key === key)
    return new Plan({ ...this, items: moved(this.items, index, step) })
  }

  withLab(lab) {
    return this.holdsLab(lab.id) ? this : new Plan({ ...this, labs: [...this.labs, lab] })
  }

  withoutLab(labId) {
    return new Plan({ ...this, labs: this.labs.filter((lab) => lab.id !== labId) })
  }

  withMessage(message) {
    return new Plan({ ...this, message })
  }

  /** What the server stores of it. */
  body(patientId, practitionerId) {
    return {
      "patient_id": patientId,
      "practitioner_id": practitionerId,
      recommendations: this.items.map(recommendationBody),
      "lab_ids": this.labs.map((lab) => lab.id),
      "personal_message": this.message,
    }
  }
}
