// Checks dist/build/h5: it must work under any folder and never ask anybody but its own server.
import fs from 'node:fs'
import path from 'node:path'
import { addressFaults } from './addresses.mjs'

const ROOT = path.resolve(process.argv[2] ?? 'dist/build/h5')
const BUDGET = 520 * 1024

const files = fs.readdirSync(ROOT, { recursive: true }).filter((name) => /\.(html|js|css)$/.test(name))
const page = fs.readFileSync(path.join(ROOT, 'index.html'), 'utf8')
const faults = files.flatMap((name) => addressFaults(name, fs.readFileSync(path.join(ROOT, name), 'utf8')))
for (const [, target] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
  if (target.startsWith('data:')) continue
  if (!target.startsWith('./')) faults.push(`index.html: ${target} is not relative`)
  else if (!fs.existsSync(path.join(ROOT, target))) faults.push(`index.html: ${target} is missing`)
}
const bytes = files.reduce((sum, name) => sum + fs.statSync(path.join(ROOT, name)).size, 0)
if (bytes > BUDGET) faults.push(`${bytes} bytes are over budget`)
console.log('h5 (bytes)', bytes)
if (faults.length) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log('h5 ok')
