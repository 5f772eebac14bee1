import { useCallback, useState } from "../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "./context.js"
import { useAction } from "./hooks.js"
import { Plan } from "./session/plan.js"

/**
 * The plan on the desk and its copy on the server: { plan, setPlan, isSaved, savedAt, keep, save, saving, send,
 * startAnew, reopen }. Saving and sending again after a lost answer does no harm: the plan keeps its id.
 */
export function useDraft({ patient, practitioner }) {
  const { api } = useSurroundings()
  const [plan, setPlan] = useState(Plan.empty)
  const [kept, setKept] = useState({ text: null, at: null })
  const body = patient && practitioner && plan.body(patient.id, practitioner.id)
  const text = JSON.stringify(body)

  const keep = async () => {
    await api.put(`plans/${plan.id}`, JSON.parse(text))
    setKept({ text, at: new Date() })
  }
  const [save, saving] = useAction(keep)
  const send = useCallback(() => api.put(`plans/${plan.id}/activation`, JSON.parse(text)), [api, plan.id, text])
  const startAnew = useCallback(() => {
    setPlan(Plan.empty())
    setKept({ text: null, at: null })
  }, [])
  const reopen = useCallback((page) => {
    const reopened = Plan.reopened(page)
    setPlan(reopened)
    setKept({ text: JSON.stringify(reopened.body(page.patient.id, page.practitioner.id)), at: null })
  }, [])
  const isSaved = kept.text === text
  return { plan, setPlan, isSaved, savedAt: kept.at, keep, save, saving, send, startAnew, reopen }
}
