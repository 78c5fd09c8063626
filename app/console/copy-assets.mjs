// Copies what the console serves from node_modules into static/vendor (not kept in git).
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const vendor = join(here, 'static', 'vendor')
mkdirSync(vendor, { recursive: true })
copyFileSync(join(here, 'node_modules', 'htmx.org', 'dist', 'htmx.min.js'), join(vendor, 'htmx.min.js'))
