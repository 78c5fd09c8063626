// Holds src/api and the OpenAPI document together: every method, path, query name and body field that the
// client uses must exist there, and every required one must be sent. Usage: node scripts/check-api.mjs [openapi.json]
import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const DOCUMENT = process.argv[2] ?? '../docs/openapi.json'
const PREFIX = '/api/v1'
/** Function of src/api/http.ts -> method, and where its arguments are. */
const CALLS = {
  get: { method: 'get', query: 1 }, post: { method: 'post', body: 1, key: 2 }, signIn: { method: 'post', body: 1 },
  patch: { method: 'patch', body: 1 }, remove: { method: 'delete' }, upload: { method: 'post' },
}

function programOf(folder) {
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile('tsconfig.json', ts.sys.readFile).config, ts.sys, '.')
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.ts')).map((name) => path.resolve(folder, name))
  return { files, program: ts.createProgram(files, { ...config.options, noEmit: true }) }
}

/** '/stations/1', or a template with one {} for each value. */
function pathOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text
  return node.head.text + node.templateSpans.map((span) => `{}${span.literal.text}`).join('')
}

function namesOf(checker, node) {
  if (!node) return { all: [], sure: [] }
  const properties = checker.getTypeAtLocation(node).getProperties()
  const isSure = (property) => !(property.flags & ts.SymbolFlags.Optional)
  return { all: properties.map((p) => p.name), sure: properties.filter(isSure).map((p) => p.name) }
}

function propertyOf(object, name) {
  return object.properties.find((property) => property.name?.text === name)?.initializer
}

function describeCall(checker, call) {
  const shape = CALLS[call.expression.text]
  if (call.expression.text !== 'upload')
    return { method: shape.method, path: pathOf(call.arguments[0]), query: namesOf(checker, call.arguments[shape.query]), body: namesOf(checker, call.arguments[shape.body]), hasKey: call.arguments[shape.key] !== undefined }
  const form = namesOf(checker, propertyOf(call.arguments[0], 'form'))
  return { method: 'post', path: pathOf(propertyOf(call.arguments[0], 'path')), query: { all: [], sure: [] }, body: { all: [...form.all, 'file'], sure: [...form.sure, 'file'] }, hasKey: true }
}

function collectCalls() {
  const { files, program } = programOf('src/api')
  const checker = program.getTypeChecker()
  const found = []
  const visit = (file) => (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text in CALLS)
      found.push({ file, ...describeCall(checker, node) })
    ts.forEachChild(node, visit(file))
  }
  for (const file of files.filter((name) => !/(http|errors|retry-key|types)\.ts$/.test(name))) visit(path.basename(file))(program.getSourceFile(file))
  return found
}

const document = JSON.parse(fs.readFileSync(DOCUMENT, 'utf8'))

function resolved(node) {
  let at = node
  while (at?.$ref) at = at.$ref.slice(2).split('/').reduce((branch, name) => branch[name.replaceAll('~1', '/')], document)
  return at ?? {}
}

function fieldsOf(schema) {
  const { properties = {}, required = [], allOf = [], anyOf = [] } = resolved(schema)
  const parts = [...allOf, ...anyOf].map(fieldsOf)
  return { all: [...Object.keys(properties), ...parts.flatMap((p) => p.all)], required: [...required, ...allOf.map(fieldsOf).flatMap((p) => p.required)] }
}

function operations() {
  const table = new Map()
  for (const [address, item] of Object.entries(document.paths)) {
    const plain = address.replace(/\{[^}]+\}/g, '{}')
    const key = plain.startsWith(PREFIX) ? plain.slice(PREFIX.length) : plain
    for (const [method, operation] of Object.entries(resolved(item))) table.set(`${method} ${key}`, { operation, shared: item.parameters ?? [] })
  }
  return table
}

function compareNames(where, what, sent, known, required) {
  return [
    ...sent.all.filter((name) => !known.includes(name)).map((name) => `${where}: ${what} "${name}" is not in the document`),
    ...required.filter((name) => !sent.sure.includes(name)).map((name) => `${where}: ${what} "${name}" is required but not always sent`),
  ]
}

function compare(call, found) {
  const where = `${call.file}: ${call.method.toUpperCase()} ${call.path}`
  if (!found) return [`${where} is not in the document`]
  const parameters = [...found.shared, ...(found.operation.parameters ?? [])].map(resolved)
  const query = parameters.filter((p) => p.in === 'query')
  const content = resolved(found.operation.requestBody).content ?? {}
  const body = fieldsOf(Object.values(content)[0]?.schema ?? {})
  const wantsKey = parameters.some((p) => p.in === 'header' && p.name.toLowerCase() === 'idempotency-key' && p.required)
  return [
    ...compareNames(where, 'query', call.query, query.map((p) => p.name), query.filter((p) => p.required).map((p) => p.name)),
    ...compareNames(where, 'field', call.body, body.all, body.required),
    ...(wantsKey && !call.hasKey ? [`${where}: sends no Idempotency-Key`] : []),
  ]
}

const known = operations()
const calls = collectCalls()
const faults = calls.flatMap((call) => compare(call, known.get(`${call.method} ${call.path}`)))
console.log(`${calls.length} calls of src/api compared with ${DOCUMENT}`)
if (!calls.length) faults.push('no calls were found in src/api: the checker no longer understands it')
if (faults.length) {
  console.error(faults.join('\n'))
  process.exit(1)
}
