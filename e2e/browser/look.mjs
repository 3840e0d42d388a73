// Looks at pages in the Chromium of the system, as people do. It reads what to look at as
// JSON from standard input and writes what it saw as JSON to standard output:
//
//   in   {hosts: {name: ip}, pages: [url], screens: folder or "", follow: {page, handle} or null,
//         enter: url or "", presses: [{page, buttons: [name]}]}
//   out  {looks: [{page, size, scheme, problems: [text], links: n}], follow: {first, again} or null, said: [text]}
//
// first and again are the addresses at which a click on Follow ends: after the visitor has
// typed the handle, and the next time. That goes without a script. enter is a link with a
// button that lets in; said is what pages say after their buttons were pressed, one after
// the other, without a script, too.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HtmlValidate } from 'html-validate'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const task = JSON.parse(readFileSync(0, 'utf8'))
const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } }

// What the validator is not asked: it has opinions on style, too.
const validator = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: { 'no-inline-style': 'error', 'long-title': 'off', 'no-trailing-whitespace': 'off', 'tel-non-breaking': 'off', 'void-style': 'off' },
})

const rules = Object.entries(task.hosts).map(([name, ip]) => `MAP ${name} ${ip}`).join(',')
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=${rules}`],
})

// inside is what the browser knows after it was let in.
async function letIn(link) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false })
  const tab = await context.newPage()
  await tab.goto(link)
  await tab.getByRole('button', { name: 'Enter' }).click()
  await tab.getByRole('button', { name: 'Leave' }).waitFor()
  const state = await context.storageState()
  await context.close()
  return state
}
const inside = task.enter ? await letIn(task.enter) : undefined

async function press({ page, buttons }) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false, storageState: inside })
  const tab = await context.newPage()
  await tab.goto(page)
  for (const name of buttons) await tab.getByRole('button', { name }).first().click()
  await tab.waitForLoadState()
  const text = await tab.locator('main').innerText()
  await context.close()
  return text
}

async function look(page, size, scheme) {
  const problems = []
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: scheme, ignoreHTTPSErrors: true, bypassCSP: false, storageState: inside })
  const tab = await context.newPage()
  tab.on('console', m => { if (['error', 'warning'].includes(m.type())) problems.push(`console: ${m.text()}`) })
  tab.on('requestfailed', r => problems.push(`not loaded: ${r.url()} ${r.failure()?.errorText}`))
  const answer = await tab.goto(page, { waitUntil: 'load' })
  problems.push(...(await valid(await answer.text())))
  const wide = await tab.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth)
  if (wide > 0) problems.push(`it is ${wide} pixels wider than the window`)
  if (task.screens) await tab.screenshot({ path: `${task.screens}/${new URL(page).pathname.replaceAll(/[^a-z0-9]+/gi, '_')}-${size}-${scheme}.png`, fullPage: true })
  const links = await tab.locator('a').count()
  const found = await (await tab.evaluateHandle(`(() => { ${axe}; return window.axe })()`)).evaluate(axe =>
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
  for (const v of found.violations) problems.push(`axe: ${v.id}: ${v.help}: ${v.nodes.map(n => n.html).join(' ').slice(0, 300)}`)
  await context.close()
  return { page, size, scheme, problems, links }
}

async function valid(html) {
  const report = await validator.validateString(html)
  return report.results.flatMap(r => r.messages).map(m => `html: line ${m.line}: ${m.message} (${m.ruleId})`)
}

async function follow({ page, handle }) {
  const context = await browser.newContext({ viewport: sizes.phone, ignoreHTTPSErrors: true, javaScriptEnabled: false })
  const tab = await context.newPage()
  await tab.goto(page)
  await tab.getByRole('link', { name: 'Follow', exact: true }).first().click()
  await tab.getByLabel('Your address in the Fediverse').fill(handle)
  await tab.getByRole('button', { name: 'Go on' }).click()
  await tab.waitForURL(u => u.pathname.startsWith('/intents/'))
  const first = tab.url()
  await tab.goto(page)
  await tab.getByRole('link', { name: 'Follow', exact: true }).first().click()
  await tab.waitForURL(u => u.pathname.startsWith('/intents/'))
  const again = tab.url()
  await context.close()
  return { first, again }
}

const looks = []
for (const page of task.pages) {
  for (const size of Object.keys(sizes)) {
    for (const scheme of ['light', 'dark']) {
      // Every size and every scheme once; all of them only for pictures to look at.
      if (task.screens || (size === 'phone') === (scheme === 'dark')) looks.push(await look(page, size, scheme))
    }
  }
}
const said = []
for (const p of task.presses ?? []) said.push(await press(p))
const way = task.follow ? await follow(task.follow) : null
await browser.close()
console.log(JSON.stringify({ looks, follow: way, said }))
