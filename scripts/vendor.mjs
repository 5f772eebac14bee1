// Copies the files that package.json names under "vendor" out of node_modules, unchanged, to where
// the applications serve them from. Runs after every `npm ci`; the copies are not kept in git.
import { copyFile, mkdir, readFile, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const { vendor } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))

for (const [folder, files] of Object.entries(vendor)) {
  await rm(join(root, folder), { recursive: true, force: true })
  for (const file of files) {
    const target = join(root, folder, file)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(join(root, "node_modules", file), target)
  }
}
