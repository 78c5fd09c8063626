import { defineConfig, type Plugin } from 'vite'
import uni from '@dcloudio/vite-plugin-uni'

/**
 * DCloud's runtime calls home: three seconds after launch the WeChat build asks WeChat to preload a
 * picture from one of DCloud's hosts, and the H5 styles fetch its twin. Neither has a switch, so both
 * are taken out here. The build fails when an upgrade moves them.
 */
function noBeacon(): Plugin {
  const forWeixin = process.env.UNI_PLATFORM === 'mp-weixin'
  let seen = false
  return {
    name: 'no-beacon',
    enforce: 'pre',
    transform(code, id) {
      // a hint for developers with a link to DCloud's manual: no outside address stays in the build
      if (id.includes('/@dcloudio/uni-mp-weixin/dist/uni.api.esm.js')) return { code: code.replace(/\[详情\]\(https:[^)]*\)/g, ''), map: null }
      if (!id.includes('/@dcloudio/uni-mp-weixin/dist/uni.mp.esm.js')) return
      seen = true
      const out = code.replace(/function preloadAsset\(\) \{[\s\S]*?\n\}\n/, 'function preloadAsset() {}\n')
      if (out === code || out.includes('wx.preloadAssets')) this.error('no-beacon: preloadAsset() has changed, look again')
      return { code: out, map: null }
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue
          file.source = String(file.source).replace(/url\(["']?https:\/\/[\w.-]*dcloud[^)]*\)/g, 'none')
        }
      },
    },
    buildEnd(error) {
      if (!error && forWeixin && !seen) this.error('no-beacon: uni.mp.esm.js was not seen')
    },
  }
}

/**
 * The browser build is one file: where the network comes and goes, a page whose code was never fetched
 * could not even say so. Together it is about 100 KB more, fetched once.
 */
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    configResolved(config) {
      const output = config.build.rollupOptions.output
      if (process.env.UNI_PLATFORM !== 'h5') return
      if (!output || Array.isArray(output)) throw new Error('one-file: unexpected rollup output config')
      output.inlineDynamicImports = true
      output.manualChunks = undefined
    },
  }
}

// The default export of vite-plugin-uni is CommonJS: keep "type" out of package.json.
export default defineConfig({
  base: './',
  plugins: [noBeacon(), uni(), oneFile()],
})
