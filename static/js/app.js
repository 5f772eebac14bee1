import { DemoAccounts } from "./demo_accounts.js"
import { ListUpdates } from "./list_updates.js"
import { LocalTimes } from "./local_times.js"
import { SearchMemory } from "./search_memory.js"

for (const Part of [DemoAccounts, ListUpdates, LocalTimes, SearchMemory]) {
  Part.startOn(document)
}
