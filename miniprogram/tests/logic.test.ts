import { describe, expect, it } from 'vitest'
import { uniMock } from './setup'
import { openPage, textParam } from '@/logic/navigate'
import { parseCheckInQuery, parseScannedText } from '@/logic/scan-text'
import { clockText, dateText, isoDate, spanText, thisYear, timeText, today } from '@/logic/time'
import { toGcj02 } from '@/platform/gcj02'

describe('a scanned text', () => {
  it.each([
    ['https://rd.example.gov.cn/s/aB3_x-9', { code: 'aB3_x-9', screenCode: '' }],
    ['https://rd.example.gov.cn/s/aB3_x-9?k=12345678', { code: 'aB3_x-9', screenCode: '12345678' }],
    ['http://127.0.0.1:8080/base/s/abc/?k=12345678#top', { code: 'abc', screenCode: '12345678' }],
    ['https://x/s/abc?k=123', { code: 'abc', screenCode: '' }],
    ['pages-duty/check-in/check-in?scene=abc', { code: 'abc', screenCode: '' }],
    ['/pages-duty/check-in/check-in?scene=d%3Dabc%2B1&k=87654321', { code: 'd=abc+1', screenCode: '87654321' }],
    [' 1234 5678 ', { code: '12345678', screenCode: '' }],
  ])('%s is read', (text, expected) => {
    expect(parseScannedText(text)).toEqual(expected)
  })
  it.each(['', 'hello', '1234567', 'https://example.com/other/abc', 'https://x/s/', 'pages/home/home?scene=abc', `https://x/s/${'a'.repeat(33)}`, 'https://x/s/%E4%B8%AD'])(
    '%s is refused', (text) => {
      expect(parseScannedText(text)).toBeNull()
    })
})

describe("the check-in page's query", () => {
  it('has its scene decoded', () => {
    expect(parseCheckInQuery({ scene: 'd%3Dabc' })).toEqual({ code: 'd=abc', screenCode: '' })
    expect(parseCheckInQuery({ code: '12345678', k: '87654321' })).toEqual({ code: '12345678', screenCode: '87654321' })
  })
  it('may be empty or broken', () => {
    expect(parseCheckInQuery()).toBeNull()
    expect(parseCheckInQuery({ scene: '%E0%A4%A' })).toBeNull()
  })
})

describe('times', () => {
  it('are shown in UTC+8 whatever the device thinks', () => {
    expect(clockText('2026-11-23T16:05:00Z')).toBe('00:05')
    expect(dateText('2026-11-23T16:05:00Z')).toBe('2026年11月24日')
    expect(isoDate('2026-12-31T16:00:00Z')).toBe('2027-01-01')
    expect(spanText('2026-11-25T01:00:00Z', '2026-11-25T03:30:00Z')).toBe('11月25日（周三）09:00–\u206011:30')
    expect(spanText('2026-11-25T01:00:00Z', '2026-11-26T03:30:00Z')).toBe('11月25日（周三）09:00 至 11月26日（周四）11:30')
  })
  it('leave plain dates alone', () => {
    expect(dateText('2026-11-23')).toBe('2026年11月23日')
  })
  it('name the year only when it is another one', () => {
    const now = Date.parse('2026-11-23T00:00:00Z')
    expect(timeText('2026-11-23T08:05:00Z', now)).toBe('11月23日 16:05')
    expect(timeText('2025-11-23T08:05:00Z', now)).toBe('2025年11月23日 16:05')
  })
  it('change day and year at midnight in China', () => {
    expect(today(Date.parse('2026-12-31T15:59:59Z'))).toBe('2026-12-31')
    expect(today(Date.parse('2026-12-31T16:00:00Z'))).toBe('2027-01-01')
    expect(thisYear(Date.parse('2026-12-31T16:00:00Z'))).toBe(2027)
  })
})

describe('pages', () => {
  it('are opened as tabs or on top, and nothing else is opened', () => {
    openPage('/pages/me/me')
    openPage('pages-notice/list/list')
    openPage('https://example.com/')
    openPage('/admin')
    expect(uniMock.switchTab).toHaveBeenCalledWith({ url: '/pages/me/me' })
    expect(uniMock.navigateTo.mock.calls).toEqual([[{ url: '/pages-notice/list/list' }]])
  })
  it('get their parameters decoded once', () => {
    expect(textParam('%E6%84%8F1')).toBe('意1')
    expect(textParam('100%')).toBe('100%')
    expect(textParam(undefined)).toBe('')
  })
})

describe('GCJ-02', () => {
  it('moves a point in China by some hundred metres and leaves the rest of the world alone', () => {
    const beijing = toGcj02({ latitude: 39.90734, longitude: 116.39089 })
    expect(beijing.latitude).toBeCloseTo(39.90874, 4)
    expect(beijing.longitude).toBeCloseTo(116.39713, 4)
    expect(toGcj02({ latitude: 51.5, longitude: -0.1 })).toEqual({ latitude: 51.5, longitude: -0.1 })
  })
})
