// Holds src/api and the OpenAPI document together: every method, path, query name and body field that the
// client uses must exist there, every required one must be sent, and the answer must have the expected name. Usage: node scripts/check-api.mjs [openapi.json]
import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const DOCUMENT = process.argv[2] ?? '../docs/openapi.json'
const PREFIX = '/api/v1'
/** Function of src/api/http.ts -> method, and where its arguments are. */
const CALLS = {
  get: { method: 'get', query: 1 }, post: { method: 'post', body: 1, key: 2 }, signIn: { method: 'post', body: 1 },
  patch: { method: 'patch', body: 1 }, remove: { method: 'delete' }, discard: { method: 'delete' },
  finish: { method: 'post', body: 1 }, upload: { method: 'post' }, download: { method: 'get' },
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
  const answer = call.typeArguments?.[0]?.getText() ?? (call.expression.text === 'download' ? 'void' : '')
  if (call.expression.text === 'upload') return { answer, ...describeUpload(checker, call.arguments[0]) }
  return {
    answer, method: shape.method, path: pathOf(call.arguments[0]), hasKey: call.arguments[shape.key] !== undefined,
    query: namesOf(checker, call.arguments[shape.query]), body: namesOf(checker, call.arguments[shape.body]),
  }
}

function describeUpload(checker, options) {
  const form = namesOf(checker, propertyOf(options, 'form'))
  const body = { all: [...form.all, 'file'], sure: [...form.sure, 'file'] }
  return { method: 'post', path: pathOf(propertyOf(options, 'path')), query: namesOf(), body, hasKey: true, isUpload: true }
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

/** The name of the successful answer's shape; 'void' when it has no content. */
function answerOf(operation) {
  const [, success] = Object.entries(operation.responses ?? {}).find(([status]) => status.startsWith('2')) ?? []
  const schema = Object.values(resolved(success).content ?? {})[0]?.schema
  return schema?.$ref?.split('/').at(-1) ?? 'void'
}

function compareBody(where, call, operation) {
  const schema = Object.values(resolved(operation.requestBody).content ?? {})[0]?.schema
  if (!schema && call.isUpload) {
    console.log(`${where}: the document has no request body for this upload, its fields were not compared`)
    return []
  }
  const body = fieldsOf(schema ?? {})
  return compareNames(where, 'field', call.body, body.all, body.required)
}

function compare(call, found) {
  const where = `${call.file}: ${call.method.toUpperCase()} ${call.path}`
  if (!found) return [`${where} is not in the document`]
  const parameters = [...found.shared, ...(found.operation.parameters ?? [])].map(resolved)
  const query = parameters.filter((p) => p.in === 'query')
  const wantsKey = parameters.some((p) => p.in === 'header' && p.name.toLowerCase() === 'idempotency-key' && p.required)
  return [
    ...compareNames(where, 'query', call.query, query.map((p) => p.name), query.filter((p) => p.required).map((p) => p.name)),
    ...compareBody(where, call, found.operation),
    ...(answerOf(found.operation) === call.answer ? [] : [`${where}: answers ${answerOf(found.operation)}, the client expects ${call.answer}`]),
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
