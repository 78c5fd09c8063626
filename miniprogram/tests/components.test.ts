import { describe, expect, it } from 'vitest'
import { mount, type ComponentMountingOptions } from '@vue/test-utils'
import { flushPromises } from '@vue/test-utils'
import { refusal, serve, uniMock } from './setup'
import HdButton from '@/components/hd-button/hd-button.vue'
import HdCell from '@/components/hd-cell/hd-cell.vue'
import HdChoice from '@/components/hd-choice/hd-choice.vue'
import HdField from '@/components/hd-field/hd-field.vue'
import HdNotice from '@/components/hd-notice/hd-notice.vue'
import HdBadge from '@/components/hd-badge/hd-badge.vue'
import HdPage from '@/components/hd-page/hd-page.vue'
import HdRegion from '@/components/hd-region/hd-region.vue'
import HdSheet from '@/components/hd-sheet/hd-sheet.vue'
import HdToggle from '@/components/hd-toggle/hd-toggle.vue'
import PhoneForm from '@/pages/login/phone-form.vue'

const global: ComponentMountingOptions<object>['global'] = { components: { HdBadge, HdButton, HdCell, HdSheet } }

describe('a page', () => {
  it('shows the failure in the server\'s words and offers to try again', async () => {
    const page = mount(HdPage, { global, props: { state: 'error', message: '服务器出错' }, slots: { default: 'content' } })
    expect(page.text()).toContain('服务器出错')
    expect(page.text()).not.toContain('content')
    await page.find('[aria-label="重试"]').trigger('click')
    expect(page.emitted('retry')).toHaveLength(1)
  })
  it('says what is missing when empty, and asks for login', async () => {
    const page = mount(HdPage, { global, props: { state: 'empty', emptyText: '还没有记录' } })
    expect(page.text()).toContain('还没有记录')
    await page.setProps({ state: 'login' })
    expect(page.find('[aria-label="去登录"]').exists()).toBe(true)
  })
  it('keeps its content in sight when a refresh fails', () => {
    const page = mount(HdPage, { global, props: { state: 'ready', message: '网络不通' }, slots: { default: 'content' } })
    expect(page.text()).toContain('content')
    expect(page.text()).toContain('网络不通')
  })
})

describe('controls', () => {
  it('are announced with role and name in both platforms\' words', () => {
    const cell = mount(HdCell, { props: { title: '履职积分', value: '86 分', arrow: true } })
    expect(cell.attributes()).toMatchObject({ 'aria-label': '履职积分，86 分', role: 'button', 'aria-role': 'button' })
    const notice = mount(HdNotice, { global, props: { notice: { id: 1, title: '开会', kind_name: '会议', issuer: '镇人大', sent_at: '2026-11-23T00:00:00Z', starts_at: null, place: null, read_at: null, confirmed_at: null, needs_confirmation: true, corrected_at: null, withdrawn_at: null, leave_at: null } } })
    expect(notice.attributes('aria-label')).toBe('未读通知：开会')
    expect(notice.text()).toContain('待确认收到')
  })
  it('do not rely on colour alone', () => {
    const toggle = mount(HdToggle, { props: { title: '长辈版', modelValue: true } })
    expect(toggle.text()).toContain('已开')
    const choice = mount(HdChoice, { props: { label: '类别', options: [{ code: 'a', name: '甲' }], modelValue: 'a' } })
    expect(choice.find('.hd-choice__tick').exists()).toBe(true)
    expect(choice.find('[role=radio]').attributes('aria-checked')).toBe('true')
  })
  it('put the fault beside the field', () => {
    const field = mount(HdField, { props: { label: '标题', modelValue: '', error: '请写标题' } })
    expect(field.find('[role=alert]').text()).toBe('请写标题')
  })
})

describe('the region picker', () => {
  it('goes from county to village and survives a failure', async () => {
    const levels: Record<string, unknown> = { '': [{ id: 1, name: '临江县', level: 'county' }], 1: [{ id: 2, name: '城关镇', level: 'township' }], 2: [{ id: 3, name: '河口村', level: 'village' }] }
    let isDown = true
    serve((one) => (isDown ? refusal(503, 'x', '维护中') : { status: 200, body: { items: levels[String((one.data as { parent_id?: number }).parent_id ?? '')] } }))
    const picker = mount(HdRegion, { global, props: { village: null } })
    const press = async (label: string) => {
      await picker.find(`[aria-label="${label}"]`).trigger('click')
      await flushPromises()
    }
    await press('所在村（社区），请选择')
    expect(picker.text()).toContain('维护中')
    isDown = false
    await press('重试')
    await press('临江县')
    await press('城关镇')
    expect(picker.text()).toContain('临江县 › 城关镇')
    await press('河口村')
    expect(picker.emitted('change')![0]).toEqual([{ id: 3, name: '河口村', level: 'village' }])
  })
})

describe('logging in by phone', () => {
  it('says on the form itself that the code was sent, so that nothing is left over the page after it', async () => {
    serve(() => ({ status: 202, body: { resend_after: 60 } }))
    const form = mount(PhoneForm, { global: { components: { HdButton, HdField } }, props: { mayStart: () => true } })
    form.findComponent(HdField).vm.$emit('update:modelValue', '13800000001')
    await form.find('[aria-label="获取验证码"]').trigger('click')
    await flushPromises()
    expect(form.find('[role=status]').text()).toBe('验证码已发送，请查看短信')
    expect(uniMock.showToast).not.toHaveBeenCalled()
    form.unmount()
  })
})
