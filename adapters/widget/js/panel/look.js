/* How the panel looks; its custom properties are in ../../README.md. */
const dark = "--tenstep-surface:#17191d;--tenstep-text:#edeff2;--tenstep-shade:#262a30;--tenstep-line:#3c424b;" +
	"--tenstep-quiet:#a9b2bd;--tenstep-bad:#ffb4ab;--tenstep-good:#7ddc9e;--min:.76;--max:1;color-scheme:dark!important";
export const look = `
:host{--tenstep-surface:#fff;--tenstep-text:#1b1e23;--tenstep-shade:#f1f3f5;--tenstep-line:#d5dae0;
--tenstep-quiet:#59616c;--tenstep-bad:#b3261e;--tenstep-good:#17693a;--min:0;--max:.5;color-scheme:light!important}
:host([theme=dark]){${dark}}
@media(prefers-color-scheme:dark){:host(:not([theme=light])){${dark}}}
.frame{--bubble:var(--tenstep-bubble-radius,16px)}
:focus-visible{outline:2px solid var(--tenstep-text);outline-offset:2px}
.vh{position:absolute!important;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
p,ul,ol,dl,dd{margin:0;padding:0}
a{color:var(--link)}
.panel{position:fixed;inset-inline-end:var(--x);bottom:calc(var(--y) + var(--size) + 14px);width:min(var(--tenstep-width,400px),100% - 2*var(--x));
height:min(var(--tenstep-height,680px),100% - 2*var(--y) - var(--size) - 14px);display:flex;flex-direction:column;color:var(--tenstep-text);
background:var(--tenstep-surface);border:1px solid var(--tenstep-line);border-radius:var(--tenstep-radius,18px);overflow:hidden;overflow-wrap:anywhere;
box-shadow:var(--tenstep-shadow,0 16px 48px #1018283d)}
.head,.box{display:flex;align-items:center;gap:4px;padding:8px}
.head{padding-inline-start:16px;border-bottom:1px solid var(--tenstep-line)}
.title,.top,.now{font-weight:650}
.sub,.name,.meta,.dim,.note,.intro,.seal,dt,.step{color:var(--tenstep-quiet)}
.sub,.dim,.note,.pill,.name,.meta,.seal{font-size:.85em}
.tool{flex:none;width:42px;height:42px;display:grid;place-items:center;border-radius:50%;color:var(--tenstep-quiet)}
.tool:hover,.bar,.said,.pill,.was,.dots{background:var(--tenstep-shade)}
.log{flex:1;overflow:hidden auto;overscroll-behavior:contain;overflow-anchor:none;padding:12px 16px 4px}
.log:focus-visible{outline-offset:-3px}
.intro,.seal,.msg{margin-bottom:12px}
.msg{display:flex;flex-direction:column;align-items:flex-start;gap:4px}
.more{margin-bottom:4px}
.more .meta{display:none}
.buyer{align-items:flex-end}
.note{align-items:center;text-align:center}
.said{max-width:86%;border-radius:var(--bubble);border-end-start-radius:5px;padding:9px 14px;display:grid;gap:8px;white-space:pre-line}
.buyer .said{background:var(--brand);color:var(--on);border-radius:var(--bubble);border-end-end-radius:5px}
.buyer a{color:inherit}
.person .said{border:1px solid var(--link)}
.person .said,.note .said{background:none}
.said ul,.said ol{padding-inline-start:1.4em}
.pic{display:block;max-width:100%;height:auto;max-height:280px;object-fit:contain;border-radius:10px}
.bad{color:var(--tenstep-bad)}
.good{color:var(--tenstep-good)}
.choices,.ask{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.choice,.plain{border:1.5px solid var(--link);color:var(--link);border-radius:20px;padding:6px 16px;text-align:start}
.choice:hover,.plain:hover{text-decoration:underline}
.choice:disabled{border-color:var(--tenstep-line);color:var(--tenstep-quiet);pointer-events:none}
.choice.was{color:var(--tenstep-text)}
.was:not(.star)::before{content:"✓ "/""}
.star{padding:2px 8px;text-align:center;font-size:24px;border-color:var(--tenstep-line);color:var(--tenstep-quiet)}
.star:is(:hover,.was,:has(~:is(:hover,.was))){color:var(--link)}
.full,.go,.go:hover{background:var(--brand);color:var(--on);border-color:transparent}
.card{width:100%;border:1px solid var(--tenstep-line);border-radius:14px}
.card>*{padding:10px 14px}
.card>*+*{border-top:1px solid var(--tenstep-line)}
.top,.item{display:flex;justify-content:space-between;align-items:center;gap:8px}
.top{flex-wrap:wrap}
.pill{padding:2px 10px;border-radius:20px}
.item{padding:5px 0}
.who,.item div{flex:1}
.item .pic{width:48px;height:48px}
.step{position:relative;display:block;padding:3px 26px}
.step::before{content:"";position:absolute;inset-inline-start:3px;top:8px;width:9px;height:9px;border-radius:50%;border:2px solid var(--tenstep-line);background:var(--tenstep-surface);z-index:1}
.step+.step::after{content:"";position:absolute;inset-inline-start:8px;bottom:calc(100% - 8px);height:100%;border-inline-start:2px solid var(--tenstep-line)}
.done,.now{color:inherit}
.done::before,.now::before{border-color:var(--link)}
.done::before{background:var(--link)}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px}
dd{text-align:end}
.dots{width:max-content;padding:6px 16px;border-radius:var(--bubble);margin-bottom:12px;letter-spacing:3px}
.foot{position:relative;border-top:1px solid var(--tenstep-line)}
.news{position:absolute;inset-inline:0;margin:auto;bottom:calc(100% + 10px);width:max-content;background:var(--tenstep-text);color:var(--tenstep-surface);border-radius:20px;padding:6px 16px}
.bar,.ask{padding:10px 16px;overflow:auto}
.ask p{flex:1 0 100%;max-height:40vh;overflow:auto}
progress{display:block;width:100%;accent-color:var(--link)}
.box{align-items:flex-end}
textarea{flex:1;min-width:0;font:inherit;color:inherit;background:none;border:1px solid var(--tenstep-quiet);border-radius:21px;padding:9px 14px;resize:none}
textarea:focus-visible{outline-color:var(--link);outline-offset:-1px}
textarea::placeholder{color:var(--tenstep-quiet);opacity:1}
[dir=rtl] textarea:placeholder-shown{direction:rtl}
@media(max-width:519px),(max-height:479px){
.panel{inset:0;top:var(--top,0);width:auto;height:var(--tall,100dvh);border:0;border-radius:0;
padding:env(safe-area-inset-top) 0 env(safe-area-inset-bottom)}
.panel:not([hidden])~.launcher{display:none}
textarea{font-size:max(16px,1em)}}
@media(pointer:coarse){button{min-height:44px;min-width:44px}}
@media(prefers-reduced-motion:no-preference){
.panel{animation:rise .18s}
.dots{animation:rise .7s infinite alternate}
@keyframes rise{from{opacity:.4;translate:0 6px}}}
@media(forced-colors:active){.said,.pill,.tool{border:1px solid}.done::before{background:Highlight}}`;
