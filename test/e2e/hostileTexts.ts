/**
 * Texts by which a page could be made to run, load or look like something it should not. Each would set
 * `window.hacked` or ask the trap for something.
 * @param trap an address that must never be asked
 */
export function hostileTexts(trap: string): readonly string[] {
  const run = 'window.hacked=1';
  return [
    `<script>${run}</script>`,
    `<script src="${trap}/script.js"></script>`,
    `<img src="x" onerror="${run}">`,
    `<img src="${trap}/image.png">`,
    `![remote](${trap}/markdown.png)`,
    `![remote][ref]\n\n[ref]: ${trap}/reference.png`,
    `<svg onload="${run}"><script>${run}</script></svg>`,
    `<math><mtext><table><mglyph><style><img src=x onerror=${run}>`,
    `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
    `<iframe src="${trap}/frame"></iframe>`,
    `<style>* { background: url(${trap}/style.png); display: none }</style>`,
    `<div style="position:fixed;inset:0;background:url(${trap}/inline.png)">cover</div>`,
    `<link rel="stylesheet" href="${trap}/sheet.css">`,
    `<form action="${trap}/form"><button>Send my keys</button></form>`,
    `<meta http-equiv="refresh" content="0;url=${trap}/refresh">`,
    `<base href="${trap}/">`,
    `<object data="${trap}/object"></object><embed src="${trap}/embed">`,
    `<video src="${trap}/video" autoplay onplay="${run}"></video><audio src="${trap}/audio" autoplay></audio>`,
    `<details open ontoggle="${run}"><summary onclick="${run}">x</summary></details>`,
    `<input autofocus onfocus="${run}">`,
    `[click](javascript:${run})`,
    `[click](  JaVaScRiPt:${run})`,
    `[click](java&#115;cript:${run})`,
    `<a href="javascript:${run}" onmouseover="${run}">x</a>`,
    `[command](command:workbench.action.terminal.new)`,
    `[scheme](vscode://anything)`,
    `[data](data:text/html,<script>${run}</script>)`,
    `<javascript:${run}>`,
    `<!--><script>${run}</script>-->`,
    `<![CDATA[<script>${run}</script>]]>`,
    '```"onmouseover="window.hacked=1"\ncode\n```',
    '```html\n</code></pre><script>window.hacked=1</script>\n```',
    '<x-element onclick="window.hacked=1" id="app" class="composer" name="getElementById">clobber</x-element>',
  ];
}
